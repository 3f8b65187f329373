package plaudit.node;

import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import plaudit.eval.measure.Lexicon;
import plaudit.eval.measure.MockLabeler;
import plaudit.eval.measure.Valence;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.node.vendor.Judge;

/**
 * The preference of the simulated labelers: positive texts, by a lexicon. The run never sees it; it
 * judges, and measures before and after.
 *
 * @param valence of a text, -1 to 1
 */
public record LexiconPreference(Valence valence) {

  private static final double SAME = 1e-9;

  /** Reads a lexicon of words and valences. */
  public static LexiconPreference byLexicon(Path file) {
    return new LexiconPreference(new Valence(Lexicon.load(file)));
  }

  /** The valence of a text, -1 to 1. */
  public double score(String text) {
    return valence.score(text);
  }

  /**
   * A labeler of this preference.
   *
   * @param noise 0 never errs; at T a text is chosen with probability proportional to
   *     exp(valence/T)
   */
  public Judge<String> judge(double noise) {
    if (!(noise >= 0 && Double.isFinite(noise))) {
      throw InvalidInputException.of("noise", noise, ">= 0");
    }
    MockLabeler labeler = new MockLabeler(noise, SAME, MockLabeler.Ties.DECLARE);
    return (String query, List<String> choices, RandomGenerator random) -> {
      double[] valences = choices.stream().mapToDouble(this::score).toArray();
      return labeler.choose(valences, random) instanceof Choice.Best best
          ? best.index()
          : Judge.TIE;
    };
  }
}
