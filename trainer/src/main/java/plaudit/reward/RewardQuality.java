package plaudit.reward;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import plaudit.reward.RewardScale.Moments;
import plaudit.stats.Agreement;

/**
 * How good a reward model is on rows it was not trained on.
 *
 * @param rows that were scored
 * @param loss mean over the rows, as the model's scale is now
 * @param agreement how often the best-scored response is one that people found best, over rows
 *     where they found some better than others
 * @param chance what blind choice would agree with
 * @param correlation of predicted and given numbers (Pearson), for scores and differences
 * @param byConfidence agreement in fifths of the rows, the least confident first
 */
public record RewardQuality(
    long rows,
    double loss,
    Agreement agreement,
    double chance,
    OptionalDouble correlation,
    List<Fifth> byConfidence) {

  private static final int PARTS = 5;

  /** With fewer rows a part the agreement of a part would be noise. */
  private static final int LEAST = 20;

  public RewardQuality {
    byConfidence = List.copyOf(byConfidence);
  }

  /**
   * Rows of which the model is about equally sure.
   *
   * @param confidence the mean probability, by softmax, of the response it puts first
   */
  public record Fifth(double confidence, Agreement agreement) {}

  private record Sure(double confidence, boolean right) {}

  /**
   * Measures.
   *
   * @param rewards of each row's responses
   */
  public static RewardQuality of(
      RewardLoss loss, List<RewardExample> examples, List<float[]> rewards) {
    double losses = 0;
    double chance = 0;
    Agreement agreement = Agreement.NONE;
    List<Sure> sure = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      RewardExample example = examples.get(i);
      losses += loss.of(rewards.get(i), example);
      if (example.isPreference()) {
        chance += (double) example.winners().size() / example.responses();
        Agreement after = example.countIn(agreement, rewards.get(i));
        sure.add(new Sure(confidence(rewards.get(i)), after.agreed() > agreement.agreed()));
        agreement = after;
      }
    }
    return new RewardQuality(
        examples.size(),
        losses / examples.size(),
        agreement,
        chance / agreement.judged(),
        correlation(loss, examples, rewards),
        fifths(sure));
  }

  private static List<Fifth> fifths(List<Sure> sure) {
    if (sure.size() < PARTS * LEAST) {
      return List.of();
    }
    List<Sure> sorted = sure.stream().sorted(Comparator.comparingDouble(Sure::confidence)).toList();
    List<Fifth> fifths = new ArrayList<>();
    for (int part = 0; part < PARTS; part++) {
      List<Sure> own =
          sorted.subList(part * sorted.size() / PARTS, (part + 1) * sorted.size() / PARTS);
      long right = own.stream().filter(Sure::right).count();
      fifths.add(
          new Fifth(
              own.stream().mapToDouble(Sure::confidence).average().orElse(Double.NaN),
              new Agreement(right, own.size())));
    }
    return fifths;
  }

  private static double confidence(float[] rewards) {
    double highest = Double.NEGATIVE_INFINITY;
    for (float reward : rewards) {
      highest = Math.max(highest, reward);
    }
    double sum = 0;
    for (float reward : rewards) {
      sum += Math.exp(reward - highest);
    }
    return 1 / sum;
  }

  private static OptionalDouble correlation(
      RewardLoss loss, List<RewardExample> examples, List<float[]> rewards) {
    if (loss.ofChoices()) {
      return OptionalDouble.empty();
    }
    double[] given = new double[examples.size()];
    double[] predicted = new double[examples.size()];
    for (int i = 0; i < given.length; i++) {
      float[] own = rewards.get(i);
      given[i] = loss.numbers(examples.get(i))[0];
      predicted[i] = loss == RewardLoss.RATING ? own[0] : own[1] - own[0];
    }
    Moments a = Moments.of(given);
    Moments b = Moments.of(predicted);
    double together = 0;
    for (int i = 0; i < given.length; i++) {
      together += (given[i] - a.mean()) * (predicted[i] - b.mean());
    }
    double correlation = together / given.length / (a.deviation() * b.deviation());
    return Double.isFinite(correlation) ? OptionalDouble.of(correlation) : OptionalDouble.empty();
  }
}
