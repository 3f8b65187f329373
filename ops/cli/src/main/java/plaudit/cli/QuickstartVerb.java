package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import plaudit.model.Tokenizer;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;

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
      "Without --model and --data it takes the shipped ones; without --minutes it stops after 8.",
      "With a model and prompts of your own:",
      "  plaudit quickstart --model DIR --data DIR",
      "Any setting can be given as key=value, see docs and reference.conf:",
      "  plaudit quickstart vendor.noise=0.2 policy.updates=60"
    })
public final class QuickstartVerb extends JobVerb {

  @Override
  public Integer call() throws InterruptedException {
    Path home = home();
    Path model = model(home.resolve("models/novelist"));
    RunConfig config = RunConfig.load("quickstart", settings(shipped(home, model)));
    return ending(new Job(config, err()).start());
  }

  /** The shipped prompts and lexicon that suit {@code model}, as overrides. */
  static List<String> shipped(Path home, Path model) {
    boolean dialogue = speaksInTurns(model);
    Path prompts = home.resolve(dialogue ? "data/dialogue" : "data/openings");
    List<String> shipped = new ArrayList<>();
    shipped.add("run.model=" + quoted(model));
    shipped.add("run.data=" + quoted(prompts));
    shipped.add(shippedLexicon());
    if (dialogue) {
      shipped.addAll(
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
    return shipped;
  }

  /** Whether the vocabulary marks turns as {@code [inst] ... [/inst]}. */
  private static boolean speaksInTurns(Path model) {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      return tokenizer.idOf("[inst]").isPresent() && tokenizer.idOf("[/inst]").isPresent();
    }
  }
}
