package plaudit.node;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import plaudit.eval.measure.Lexicon;
import plaudit.eval.measure.MockLabeler;
import plaudit.eval.measure.Valence;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.node.vendor.Judge;

/**
 * The preference of the simulated labelers: positive texts, by a lexicon. Among texts of which none
 * is the more positive they prefer what is rather written in letters, so that they have something
 * to say of a model that writes no words yet; prose is alike in that. The run never sees it; it
 * judges, and measures before and after.
 *
 * @param valence of a text, -1 to 1
 */
public record LexiconPreference(Valence valence) {

  private static final double SAME = 1e-9;

  /** The share of letters and spaces that prose has at least. */
  private static final double PROSE = 0.8;

  /** Reads a lexicon of words and valences. */
  public static LexiconPreference byLexicon(Path file) {
    return new LexiconPreference(new Valence(Lexicon.load(file)));
  }

  /** Whether {@code word} alone has a valence. */
  boolean counts(String word) {
    return valence.knows(word);
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
      double[] scores = choices.stream().mapToDouble(this::score).toArray();
      if (Arrays.stream(scores).allMatch(score -> Math.abs(score - scores[0]) <= SAME)) {
        Arrays.setAll(scores, i -> letters(choices.get(i)));
      }
      return labeler.choose(scores, random) instanceof Choice.Best best ? best.index() : Judge.TIE;
    };
  }

  /** The share of Latin letters and spaces in a text, as far as prose has more of them. */
  private static double letters(String text) {
    long letters =
        text.codePoints().filter(c -> c == ' ' || (c < 128 && Character.isLetter(c))).count();
    return text.isEmpty()
        ? PROSE
        : Math.min(PROSE, (double) letters / text.codePointCount(0, text.length()));
  }
}
