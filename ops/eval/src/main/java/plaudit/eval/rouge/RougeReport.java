package plaudit.eval.rouge;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import plaudit.eval.measure.Bootstrap;
import plaudit.eval.measure.Estimate;

/**
 * ROUGE of many candidates: the mean over candidates of each number, with a bootstrap interval over
 * candidates as ROUGE-1.5.5's {@code -c 95 -r 1000} has it.
 *
 * @param candidates how many
 * @param rows the numbers of each measure
 * @param average R-AVG: the mean of the F1 of ROUGE-1, ROUGE-2 and ROUGE-L (paper 5.3)
 */
public record RougeReport(int candidates, Map<Rouge, Row> rows, Estimate average) {

  public RougeReport {
    rows = Map.copyOf(rows);
  }

  /** One measure. */
  public record Row(Estimate precision, Estimate recall, Estimate f1) {}

  /**
   * One candidate with its references, each a list of sentences of words.
   *
   * @param references at least one
   */
  public record Item(List<List<String>> candidate, List<List<List<String>>> references) {
    public Item {
      candidate = List.copyOf(candidate);
      references = List.copyOf(references);
      if (references.isEmpty()) {
        throw new IllegalArgumentException("references: none (expected: at least one)");
      }
    }
  }

  /**
   * Scores {@code items}, at least one.
   *
   * @param several what to do with several references
   * @param resamples of the bootstrap
   * @param seed of the bootstrap: the same items give the same interval
   */
  public static RougeReport of(
      List<Item> items, SeveralReferences several, int resamples, long seed) {
    Map<Rouge, Row> rows = new EnumMap<>(Rouge.class);
    double[] average = new double[items.size()];
    for (Rouge measure : Rouge.values()) {
      List<Rouge.Score> scores = items.stream().map(item -> score(measure, item, several)).toList();
      rows.put(
          measure,
          new Row(
              estimate(scores, Rouge.Score::precision, resamples, seed),
              estimate(scores, Rouge.Score::recall, resamples, seed),
              estimate(scores, Rouge.Score::f1, resamples, seed)));
      if (measure != Rouge.ROUGE_L) {
        for (int i = 0; i < average.length; i++) {
          average[i] += scores.get(i).f1() / 3;
        }
      }
    }
    return new RougeReport(items.size(), rows, bootstrap(resamples, seed).mean(average));
  }

  /** The numbers of one measure. */
  public Row row(Rouge measure) {
    return Objects.requireNonNull(rows.get(measure));
  }

  private static Rouge.Score score(Rouge measure, Item item, SeveralReferences several) {
    return several.score(
        item.references().stream()
            .map(reference -> measure.of(item.candidate(), reference))
            .toList());
  }

  private static Estimate estimate(
      List<Rouge.Score> scores, ToDoubleFunction<Rouge.Score> number, int resamples, long seed) {
    return bootstrap(resamples, seed).mean(scores.stream().mapToDouble(number).toArray());
  }

  private static Bootstrap bootstrap(int resamples, long seed) {
    return new Bootstrap(resamples, new SplittableRandom(seed));
  }
}
