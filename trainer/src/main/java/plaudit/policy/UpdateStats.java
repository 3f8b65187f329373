package plaudit.policy;

import ai.djl.ndarray.NDList;
import java.util.LinkedHashMap;
import java.util.Map;

/** The running means of one policy update's losses over its epochs and micro-batches. */
public final class UpdateStats {

  /** Where the new log-probabilities stand among the results of {@code ppo_loss}. */
  static final int LOGPROBS = 7;

  private final double[] sums = new double[7];
  private double weight;
  private double norm;
  private int steps;
  private double largestRatio;
  private double largestGap = Double.NaN;
  private double returnsMean;
  private double returnsVariance;

  UpdateStats() {}

  /** Adds one micro-batch's results, weighted by its share of the minibatch. */
  void losses(NDList out, double share) {
    for (int i = 1; i < 6; i++) {
      sums[i] += share * out.get(i).getFloat();
    }
    largestRatio = Math.max(largestRatio, out.get(6).getFloat());
    weight += share;
  }

  void gradientNorm(double value) {
    norm += value;
    steps++;
  }

  void gap(double value) {
    if (!Double.isNaN(value)) {
      largestGap = Double.isNaN(largestGap) ? value : Math.max(largestGap, value);
    }
  }

  void returns(float[][] returns) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (float[] row : returns) {
      for (float value : row) {
        sum += value;
        squares += value * value;
        count++;
      }
    }
    returnsMean = sum / count;
    returnsVariance = squares / count - returnsMean * returnsMean;
  }

  /** Policy loss plus weighted value loss. */
  public double loss(double valueCoefficient) {
    return mean(1) + valueCoefficient * mean(2);
  }

  /** The numbers by metric name. */
  public Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("loss/policy", mean(1));
    numbers.put("loss/value", mean(2));
    numbers.put("policy/approxkl", mean(3));
    numbers.put("policy/clipfrac", mean(4));
    numbers.put("value/clipfrac", mean(5));
    numbers.put("policy/ratio_max", largestRatio);
    numbers.put("policy/gradient_norm", steps == 0 ? 0 : norm / steps);
    numbers.put("returns/mean", returnsMean);
    numbers.put("returns/variance", returnsVariance);
    if (!Double.isNaN(largestGap)) {
      numbers.put("policy/logprob_gap", largestGap);
    }
    return numbers;
  }

  private double mean(int index) {
    return weight == 0 ? 0 : sums[index] / weight;
  }
}
