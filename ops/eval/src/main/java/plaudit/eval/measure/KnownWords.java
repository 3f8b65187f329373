package plaudit.eval.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.data.TextCorpus;
import plaudit.eval.texts.QueryResponse;

/**
 * Which of a model's words exist: occur in a corpus. A small model spells words that do not. A word
 * is letters, with apostrophes between them; capitals do not count. Of a response the words count
 * that begin and end in it: the last is cut where the tokens end, and the first may be the rest of
 * the query's last.
 */
public final class KnownWords {

  private static final Pattern WORD = Pattern.compile("\\p{L}+(?:['\u2019]\\p{L}+)*");
  private static final int RESAMPLES = 1_000;

  private final Set<String> known = new HashSet<>();

  /** The words of {@code corpus}. */
  public KnownWords(TextCorpus corpus) {
    corpus.forEach(
        document -> {
          Matcher word = WORD.matcher(document);
          while (word.find()) {
            known.add(plain(word.group()));
          }
        });
  }

  /** How many different words the corpus has. */
  public int size() {
    return known.size();
  }

  /**
   * What share of words is known.
   *
   * @param responses how many
   * @param words how many in all of them
   * @param share of the words, known of all, with the 95 % interval of a bootstrap over queries
   * @param unknown the words that are not known, the most frequent first
   */
  public record Share(int responses, long words, Estimate share, List<Count> unknown) {

    public Share {
      unknown = List.copyOf(unknown);
    }
  }

  /** A word and how often it was written. */
  public record Count(String word, long times) {}

  /**
   * Counts the words of responses.
   *
   * @param responses those to one query in one list; at least one list
   */
  public Share of(List<List<QueryResponse>> responses, long seed) {
    double[] knownWords = new double[responses.size()];
    double[] words = new double[responses.size()];
    Map<String, Long> unknown = new HashMap<>();
    int count = 0;
    for (int i = 0; i < responses.size(); i++) {
      for (QueryResponse response : responses.get(i)) {
        count++;
        for (String word : whole(response)) {
          words[i]++;
          if (known.contains(word)) {
            knownWords[i]++;
          } else {
            unknown.merge(word, 1L, Long::sum);
          }
        }
      }
    }
    List<Count> named =
        unknown.entrySet().stream()
            .map(entry -> new Count(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparingLong(Count::times).reversed().thenComparing(Count::word))
            .toList();
    long all = (long) Arrays.stream(words).sum();
    Estimate share = new Bootstrap(RESAMPLES, new SplittableRandom(seed)).share(knownWords, words);
    return new Share(count, all, share, named);
  }

  private static List<String> whole(QueryResponse response) {
    String text = response.query() + response.response();
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      if (word.start() >= response.query().length() && word.end() < text.length()) {
        words.add(plain(word.group()));
      }
    }
    return words;
  }

  private static String plain(String word) {
    return word.replace('\u2019', '\'').toLowerCase(Locale.ROOT);
  }
}
