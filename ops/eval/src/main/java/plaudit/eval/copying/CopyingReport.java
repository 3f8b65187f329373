package plaudit.eval.copying;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import plaudit.eval.measure.Bootstrap;
import plaudit.eval.measure.Estimate;
import plaudit.stats.Wilson;

/**
 * How much of many outputs is copied from their inputs (paper 5.4).
 *
 * @param outputs how many
 * @param novelSentences sentences that are not in the input, of all sentences
 * @param wholeSentences sentences that are a whole sentence of the input, of all sentences
 * @param everything outputs of which every sentence is in the input
 * @param start outputs that begin with the words their input begins with
 * @param startAfter the same of the outputs whose input opens with a preamble
 * @param novelGrams the share of runs of 1 to 4 words that are nowhere in the input, in this order;
 *     runs of one text are not independent, so the interval is a bootstrap over texts
 */
public record CopyingReport(
    int outputs,
    Share novelSentences,
    Share wholeSentences,
    Share everything,
    Share start,
    Map<Preamble, Share> startAfter,
    List<Estimate> novelGrams) {

  private static final int RESAMPLES = 1_000;

  public CopyingReport {
    startAfter = Map.copyOf(startAfter);
    novelGrams = List.copyOf(novelGrams);
  }

  /**
   * Compares outputs with their inputs.
   *
   * @param inputs as many as outputs, at least one
   * @param startWords how many words make a start
   * @param seed of the bootstrap
   */
  public static CopyingReport of(
      List<String> inputs, List<String> outputs, int startWords, long seed) {
    if (inputs.isEmpty() || inputs.size() != outputs.size()) {
      throw new IllegalArgumentException(
          "inputs, outputs: %d, %d (expected: as many of each, at least one)"
              .formatted(inputs.size(), outputs.size()));
    }
    List<Copied> all = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      all.add(Copied.of(inputs.get(i), outputs.get(i), startWords));
    }
    Map<Preamble, Share> startAfter = new EnumMap<>(Preamble.class);
    for (Preamble preamble : Preamble.values()) {
      List<Copied> opened = new ArrayList<>();
      for (int i = 0; i < outputs.size(); i++) {
        if (preamble.opens(inputs.get(i))) {
          opened.add(all.get(i));
        }
      }
      startAfter.put(preamble, count(opened, Copied::start));
    }
    long sentences = all.stream().mapToLong(Copied::sentences).sum();
    return new CopyingReport(
        all.size(),
        new Share(all.stream().mapToLong(Copied::novelSentences).sum(), sentences),
        new Share(all.stream().mapToLong(Copied::wholeSentences).sum(), sentences),
        count(all, Copied::everything),
        count(all, Copied::start),
        startAfter,
        novelGrams(all, seed));
  }

  private static Share count(List<Copied> outputs, Predicate<Copied> what) {
    return new Share(outputs.stream().filter(what).count(), outputs.size());
  }

  private static List<Estimate> novelGrams(List<Copied> all, long seed) {
    List<Estimate> shares = new ArrayList<>();
    for (int n = 0; n < Copied.LONGEST_GRAM; n++) {
      int length = n;
      double[] novel =
          all.stream().mapToDouble(copied -> copied.novelGrams().get(length)).toArray();
      double[] grams = all.stream().mapToDouble(copied -> copied.grams().get(length)).toArray();
      shares.add(new Bootstrap(RESAMPLES, new SplittableRandom(seed)).share(novel, grams));
    }
    return shares;
  }

  /**
   * So many of so many.
   *
   * @param count how many are so
   * @param of how many there are
   */
  public record Share(long count, long of) {

    public Share {
      if (count < 0 || count > of) {
        throw new IllegalArgumentException(
            "count, of: %d, %d (expected: 0 <= count <= of)".formatted(count, of));
      }
    }

    /** The share with its 95 % interval. */
    @JsonProperty
    @JsonUnwrapped
    public Wilson share() {
      return Wilson.of((double) count, of);
    }
  }
}
