package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;

/** Which model and settings a benchmark of a model takes. */
final class BenchModelOptions {

  @Option(names = "--model", paramLabel = "DIR", description = "Default: the shipped one.")
  private @Nullable Path model;

  @Option(names = "--data", paramLabel = "PATH", description = "Prompts; default: the shipped.")
  private @Nullable Path data;

  @Option(names = "--seconds", defaultValue = "5", description = "Of each (${DEFAULT-VALUE}).")
  private double seconds = 5;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings, as for a run.")
  private List<String> overrides = List.of();

  double seconds() {
    if (!(seconds > 0)) {
      throw InvalidInputException.of("--seconds", seconds, "> 0");
    }
    return seconds;
  }

  /** The quickstart's settings with these. */
  RunConfig config() {
    return config(List.of());
  }

  /** The same with settings beneath those of the command line. */
  RunConfig config(List<String> beneath) {
    List<String> more = new ArrayList<>(beneath);
    more.addAll(overrides);
    return RunConfig.load("quickstart", settings(model, data, more));
  }

  /** The quickstart's settings for this model and these prompts, if any, and with these on top. */
  static List<String> settings(@Nullable Path model, @Nullable Path data, List<String> more) {
    Shipped shipped = Shipped.find();
    List<String> settings =
        new ArrayList<>(shipped.suiting(model == null ? shipped.model() : model));
    if (data != null) {
      settings.add(Shipped.setting("run.data", data));
    }
    settings.addAll(more);
    return settings;
  }
}
