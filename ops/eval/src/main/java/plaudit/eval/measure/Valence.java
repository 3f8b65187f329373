package plaudit.eval.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How positive a text is, by a lexicon and a few rules: the hidden preference of the simulated
 * vendor, which the pipeline has to discover from choices alone.
 *
 * <ul>
 *   <li>A negation at most three words earlier in the sentence turns a word's valence round and
 *       damps it: "not good" is mildly bad, "not bad" mildly good.
 *   <li>Boosters just before a word strengthen it, dampeners weaken it; neither changes its sign.
 *   <li>What follows a "but" in a sentence counts more than what came before.
 *   <li>Exclamation marks, up to three, push the sum a little the way it already points.
 *   <li>Capitals say nothing.
 * </ul>
 *
 * The sum s is brought to -1 to 1 by s / sqrt(s^2 + 15), as VADER (Hutto and Gilbert 2014) does.
 * Without negations and "but", another positive word at the end never lowers the sum.
 */
public final class Valence {

  private static final double NEGATION = -.74;
  private static final int NEGATION_REACH = 3;
  private static final double BOOST = 1.3;
  private static final double DAMP = .7;
  private static final double BEFORE_BUT = .5;
  private static final double AFTER_BUT = 1.5;
  private static final double EXCLAMATION = .3;
  private static final int EXCLAMATIONS = 3;
  private static final double NORMALISER = 15;

  private static final Set<String> NEGATIONS =
      Set.of(
          "not",
          "no",
          "never",
          "none",
          "nobody",
          "nothing",
          "neither",
          "nor",
          "nowhere",
          "without",
          "cannot",
          "cant",
          "dont",
          "doesnt",
          "didnt",
          "isnt",
          "arent",
          "wasnt",
          "werent",
          "wont",
          "wouldnt",
          "shouldnt",
          "couldnt",
          "aint",
          "hasnt",
          "havent",
          "hadnt");

  private static final Set<String> BOOSTERS =
      Set.of(
          "very",
          "really",
          "extremely",
          "absolutely",
          "completely",
          "totally",
          "so",
          "most",
          "deeply",
          "incredibly",
          "especially",
          "particularly",
          "remarkably",
          "thoroughly",
          "truly",
          "utterly",
          "highly",
          "hugely",
          "intensely",
          "exceptionally",
          "enormously");

  private static final Set<String> DAMPENERS =
      Set.of(
          "slightly",
          "somewhat",
          "barely",
          "hardly",
          "scarcely",
          "almost",
          "partly",
          "fairly",
          "rather",
          "little",
          "marginally",
          "occasionally",
          "less",
          "kinda",
          "sorta");

  private final Lexicon lexicon;

  /** Judges by this lexicon. */
  public Valence(Lexicon lexicon) {
    this.lexicon = lexicon;
  }

  /** Whether the lexicon has a valence of {@code word}. */
  public boolean knows(String word) {
    return lexicon.knows(word);
  }

  /** How positive {@code text} is, from -1 to 1; 0 for a text without words of the lexicon. */
  public double score(String text) {
    double sum = rawSum(text);
    return sum / Math.sqrt(sum * sum + NORMALISER);
  }

  /** The sum behind {@link #score}, without bounds. */
  public double rawSum(String text) {
    double sum = 0;
    List<String> sentence = new ArrayList<>();
    for (String chunk : text.strip().split("\\s+", -1)) {
      addWords(chunk, sentence);
      if (endsSentence(chunk)) {
        sum += sentenceSum(sentence);
        sentence.clear();
      }
    }
    sum += sentenceSum(sentence);
    long marks = Math.min(EXCLAMATIONS, text.chars().filter(c -> c == '!').count());
    return sum + Math.signum(sum) * marks * EXCLAMATION;
  }

  private double sentenceSum(List<String> words) {
    int but = words.lastIndexOf("but");
    double sum = 0;
    for (int i = 0; i < words.size(); i++) {
      double weight = but < 0 ? 1 : i < but ? BEFORE_BUT : AFTER_BUT;
      sum += weight * valenceAt(words, i);
    }
    return sum;
  }

  private double valenceAt(List<String> words, int index) {
    String word = words.get(index);
    if (isNegation(word) || BOOSTERS.contains(word) || DAMPENERS.contains(word)) {
      return 0;
    }
    double valence = lexicon.valence(word);
    if (valence == 0) {
      return 0;
    }
    int before = index - 1;
    for (; before >= 0; before--) {
      if (BOOSTERS.contains(words.get(before))) {
        valence *= BOOST;
      } else if (DAMPENERS.contains(words.get(before))) {
        valence *= DAMP;
      } else {
        break;
      }
    }
    for (int i = Math.max(0, index - NEGATION_REACH); i < index; i++) {
      if (isNegation(words.get(i))) {
        return valence * NEGATION;
      }
    }
    return valence;
  }

  /** A chunk between blanks is one word of the lexicon (an emoticon), or words and punctuation. */
  private void addWords(String chunk, List<String> words) {
    if (lexicon.knows(chunk)) {
      words.add(normal(chunk));
      return;
    }
    String bare = chunk.replaceAll("^[^\\p{L}\\p{N}]+|[^\\p{L}\\p{N}]+$", "");
    if (lexicon.knows(bare)) {
      words.add(normal(bare));
      return;
    }
    for (String word : bare.split("[^\\p{L}\\p{N}'\u2019]+", -1)) {
      if (!word.isEmpty()) {
        words.add(normal(word));
      }
    }
  }

  private boolean endsSentence(String chunk) {
    if (chunk.isEmpty() || lexicon.knows(chunk)) {
      return false;
    }
    String open = chunk.replaceAll("[\"')\\]\u201d\u2019]+$", "");
    return open.endsWith(".") || open.endsWith("!") || open.endsWith("?") || open.endsWith(";");
  }

  private static boolean isNegation(String word) {
    return NEGATIONS.contains(word) || word.endsWith("n't");
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('\u2019', '\'');
  }
}
