package plaudit.ops.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.input.InvalidInputException;
import plaudit.ops.config.RunConfig;
import plaudit.ops.loop.Job;

/** {@code run}: one run in one process, new or resumed. */
@Command(
    name = "run",
    description = "Fine-tune a language model from preferences in one process.",
    footer = {
      "",
      "  plaudit run --config sentiment run.model=DIR run.data=DIR",
      "  plaudit run --resume runs/sentiment-20260101-120000"
    })
public final class RunVerb extends Verb {

  @Option(
      names = "--config",
      paramLabel = "FILE|PRESET",
      description = "A HOCON file, or the name of a preset.")
  private @Nullable String config;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Go on with the run of this directory.")
  private @Nullable Path resume;

  @Option(names = "--json", description = "Print the verdict as JSON on standard output.")
  private boolean json;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws InterruptedException {
    if ((config == null) == (resume == null)) {
      throw new InvalidInputException("run: expected either --config or --resume");
    }
    Job.Result result;
    if (resume != null) {
      Path settings = resume.resolve("config.conf");
      result = new Job(RunConfig.load(settings.toString(), overrides), err()).resume(resume);
    } else {
      result = new Job(RunConfig.load(String.valueOf(config), overrides), err()).start();
    }
    if (json) {
      printJson(summary(result));
    }
    return result.alarm() ? 1 : 0;
  }

  static Map<String, Object> summary(Job.Result result) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("directory", result.directory().toString());
    summary.put("complete", result.complete());
    result
        .verdict()
        .ifPresent(
            verdict -> {
              summary.put("baseMean", verdict.difference().baseMean());
              summary.put("tunedMean", verdict.difference().tunedMean());
              summary.put("difference", verdict.difference().mean());
              summary.put("differenceLow", verdict.difference().low());
              summary.put("differenceHigh", verdict.difference().high());
              summary.put("effect", verdict.difference().effect());
              summary.put("winRate", verdict.winRate().rate().share());
              summary.put("winRateLow", verdict.winRate().rate().low());
              summary.put("winRateHigh", verdict.winRate().rate().high());
              summary.put("kl", verdict.kl());
              verdict.klTarget().ifPresent(target -> summary.put("klTarget", target));
            });
    return summary;
  }
}
