package plaudit.gateway.store;

import java.util.ArrayList;
import java.util.List;
import plaudit.labels.Comparison;
import plaudit.tokens.Tokens;

/** Comparisons for tests. */
public final class Comparisons {

  private Comparisons() {}

  /** {@code n} comparisons of four samples, named {@code prefix-0} and so on. */
  public static List<Comparison> some(String prefix, int n) {
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      comparisons.add(one(prefix + "-" + i));
    }
    return comparisons;
  }

  /** A comparison of four samples whose texts name it. */
  public static Comparison one(String id) {
    return of(id, "query of " + id, "a", "b", "c", "d");
  }

  /** A comparison of the given texts. */
  public static Comparison of(String id, String query, String... texts) {
    List<Comparison.Sample> samples = new ArrayList<>();
    for (int i = 0; i < texts.length; i++) {
      samples.add(new Comparison.Sample(Tokens.of(i, 7, i), texts[i], i));
    }
    return new Comparison(id, Tokens.of(1, 2, 3), query, samples);
  }
}
