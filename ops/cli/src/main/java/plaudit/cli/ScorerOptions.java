package plaudit.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import plaudit.eval.LexiconScorer;
import plaudit.eval.RewardScorer;
import plaudit.eval.TextScorer;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;

/** What scores texts. */
final class ScorerOptions {

  @Option(
      names = "--reward",
      paramLabel = "DIR",
      description = "Score by this reward model, the directory 'reward' of a run.")
  private @Nullable Path reward;

  @Option(
      names = "--lexicon",
      paramLabel = "FILE",
      description = "Score by how positive words are: word<TAB>valence on each line.")
  private @Nullable Path lexicon;

  /** How many of the two were given. */
  int given() {
    return (reward == null ? 0 : 1) + (lexicon == null ? 0 : 1);
  }

  TextScorer open(Compute compute) {
    if (reward != null) {
      return RewardScorer.open(reward, compute);
    }
    if (lexicon != null) {
      return LexiconScorer.open(lexicon);
    }
    throw new InvalidInputException("expected --reward or --lexicon");
  }
}
