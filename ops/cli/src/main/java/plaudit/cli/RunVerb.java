package plaudit.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plaudit.input.InvalidInputException;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.run.RunDirectory;

/** {@code run}: one run in one process, new or resumed. */
@Command(
    name = "run",
    description = "Fine-tune a language model from preferences in one process.",
    footer = {
      "",
      "  plaudit run --config tldr --model gpt2 --data posts.json",
      "  plaudit run --config my.conf policy.batch=64",
      "  plaudit run --config quickstart --model DIR --data PATH reward.source=rule"
          + " reward.rule.length=12",
      "  plaudit run --resume runs/tldr-20260101-120000",
      "",
      "Presets with the numbers of the code released with the paper, for GPT-2 with 124M"
          + " parameters:",
      "  sentiment        continue a book with positive sentiment",
      "  descriptiveness  continue a book with vivid description",
      "  tldr             summarise a forum post",
      "  cnndm            summarise a news article",
      "Presets with the paper's own numbers, for GPT-2 with 774M parameters:",
      "  sentiment-paper, descriptiveness-paper, tldr-paper, cnndm-paper",
      "  mock-sentiment   sentiment judged by a program instead of people",
      "Small numbers for small models:",
      "  quickstart",
      "  mock-study       what 'plaudit study' makes its runs with"
    })
public final class RunVerb extends JobVerb {

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

  @Override
  public Integer call() throws InterruptedException {
    if (config != null && resume != null) {
      throw new InvalidInputException("run: expected either --config or --resume");
    }
    if (resume != null) {
      RunConfig settings = RunDirectory.settings(resume, settings(List.of()));
      return ending(job(settings, Role.all()).resume(resume));
    }
    return ending(job(withLexicon(config), Role.all()).start());
  }

  /** Simulated people without a lexicon of their own judge by the shipped one. */
  private RunConfig withLexicon(@Nullable String source) {
    if (source == null) {
      return RunConfig.defaults(settings(List.of()));
    }
    RunConfig run = RunConfig.load(source, settings(List.of()));
    boolean noLexicon =
        run.config().getInt("plaudit.vendor.labelers") > 0
            && run.config().getString("plaudit.vendor.lexicon").isEmpty();
    return noLexicon ? RunConfig.load(source, settings(List.of(Shipped.find().lexicon()))) : run;
  }
}
