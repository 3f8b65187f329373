package plaudit.ops.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;
import plaudit.ops.config.RunConfig;
import plaudit.ops.loop.Job;

/** {@code quickstart}: the main job with everything embedded. */
@Command(
    name = "quickstart",
    description = {
      "Fine-tune a small language model from simulated people's preferences, all in one process.",
      "Ends by itself within ten minutes on two cores and says what improved; label along in the"
          + " browser at http://127.0.0.1:8080/."
    },
    footer = {
      "",
      "With a model and prompts of your own:",
      "  plaudit quickstart --model DIR --data DIR",
      "Any setting can be given as key=value, see docs and reference.conf:",
      "  plaudit quickstart vendor.noise=0.2 policy.updates=60"
    })
public final class QuickstartVerb extends Verb {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "A GPT-2-layout Hugging Face directory (default: the shipped model).")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Prompts: a file, or a directory with prompts and heldout files (default: the project's"
              + " own).")
  private @Nullable Path data;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "Stop the loops after so long, with a checkpoint (default: 8).")
  private @Nullable Integer minutes;

  @Option(names = "--json", description = "Print the verdict as JSON on standard output.")
  private boolean json;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() throws InterruptedException {
    Path home = home();
    Path chosen = model == null ? home.resolve("ops/models/novelist") : model;
    if (minutes != null && minutes < 1) {
      throw InvalidInputException.of("--minutes", minutes, ">= 1");
    }
    boolean dialogue = speaksInTurns(chosen);
    List<String> settings = new ArrayList<>();
    settings.add("run.model=" + quoted(chosen));
    Path prompts = home.resolve(dialogue ? "ops/data/dialogue" : "ops/data/openings");
    settings.add("run.data=" + quoted(data == null ? prompts : data));
    settings.add("vendor.lexicon=" + quoted(home.resolve("ops/data/lexicon/valence.tsv")));
    if (dialogue) {
      settings.addAll(
          List.of(
              "task.prefix=\"[inst] \"",
              "task.suffix=\" [/inst]\"",
              "task.truncate-token=\"[inst]\"",
              "task.truncate-after=1",
              // A reply has an end, and those without it are not shown to people.
              "experience.question-responses=6",
              // A model that is sure of its words moves further at the same rate.
              "policy.learning-rate=3e-5"));
    }
    if (minutes != null) {
      settings.add("run.time-limit=" + minutes + "m");
    }
    settings.addAll(overrides);
    RunConfig config = RunConfig.load("quickstart", settings);
    Job.Result result = new Job(config, err()).start();
    if (json) {
      printJson(RunVerb.summary(result));
    }
    return result.alarm() ? 1 : 0;
  }

  /** Whether the vocabulary marks turns as {@code [inst] ... [/inst]}. */
  private static boolean speaksInTurns(Path model) {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      return tokenizer.idOf("[inst]").isPresent() && tokenizer.idOf("[/inst]").isPresent();
    }
  }

  private static Path home() {
    Path home = Path.of(System.getProperty("plaudit.home", "."));
    if (!Files.isDirectory(home.resolve("ops/data"))) {
      throw InvalidInputException.of(
          "plaudit.home", home.toAbsolutePath(), "the project's folder; use ops/bin/plaudit");
    }
    return home;
  }

  private static String quoted(Path path) {
    return '"' + path.toString().replace("\\", "\\\\") + '"';
  }
}
