package plaudit.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of one policy update: means over its epochs and micro-batches, and largest values.
 */
public final class UpdateStats {

  /**
   * A weighted mean in the making.
   *
   * @param sum of weight times value
   * @param weight sum of the weights
   */
  public record Mean(double sum, double weight) {
    private Mean and(Mean other) {
      return new Mean(sum + other.sum, weight + other.weight);
    }
  }

  private final Map<String, Mean> means = new LinkedHashMap<>();
  private final Map<String, Double> others = new LinkedHashMap<>();

  /** Without any numbers. */
  public UpdateStats() {}

  /**
   * What was measured of a part of a minibatch elsewhere.
   *
   * @param means by name
   * @param largest by name
   */
  public record Part(Map<String, Mean> means, Map<String, Double> largest) {
    /** Keeps copies. */
    public Part {
      means = Map.copyOf(means);
      largest = Map.copyOf(largest);
    }
  }

  /** All numbers, for adding to those of other parts. */
  public Part part() {
    return new Part(means, others);
  }

  /** Adds the numbers of a part that was measured elsewhere. */
  public void add(Part part) {
    part.means().forEach((name, mean) -> means.merge(name, mean, Mean::and));
    part.largest().forEach(this::largest);
  }

  /** Adds to a mean, with a weight. */
  public void mean(String name, double value, double weight) {
    means.merge(name, new Mean(weight * value, weight), Mean::and);
  }

  /** Adds to a sum over the update. */
  public void sum(String name, double value) {
    others.merge(name, value, Double::sum);
  }

  /** Keeps the largest value so far; NaN is none. */
  void largest(String name, double value) {
    if (!Double.isNaN(value)) {
      others.merge(name, value, Math::max);
    }
  }

  /**
   * Mean and variance of a minibatch's returns and of the value estimates that they were made with,
   * how far these are from each other, and how much of the returns' variance they explain; the last
   * minibatch's are kept.
   *
   * @param values of the states before each token, shape {@code [batch][T]}
   * @param returns same shape
   */
  void values(float[][] values, float[][] returns) {
    double error = 0;
    long count = 0;
    for (int row = 0; row < returns.length; row++) {
      for (int t = 0; t < returns[row].length; t++) {
        double difference = (double) values[row][t] - returns[row][t];
        error += difference * difference;
        count++;
      }
    }
    double variance = moments("returns", returns);
    moments("value", values);
    others.put("value/error", error / count);
    if (variance > 0) {
      others.put("value/explained_variance", 1 - error / count / variance);
    }
  }

  /** Keeps mean and variance, and answers the variance. */
  private double moments(String of, float[][] numbers) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (float[] row : numbers) {
      for (float number : row) {
        sum += number;
        squares += (double) number * number;
        count++;
      }
    }
    double mean = sum / count;
    double variance = Math.max(0, squares / count - mean * mean);
    others.put(of + "/mean", mean);
    others.put(of + "/variance", variance);
    return variance;
  }

  /** Policy loss plus weighted value loss. */
  public double loss(double valueCoefficient) {
    return mean("loss/policy") + valueCoefficient * mean("loss/value");
  }

  /** The numbers by metric name. */
  public Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    means.keySet().forEach(name -> numbers.put(name, mean(name)));
    numbers.putAll(others);
    return Collections.unmodifiableMap(numbers);
  }

  private double mean(String name) {
    Mean mean = means.get(name);
    return mean == null || mean.weight() == 0 ? 0 : mean.sum() / mean.weight();
  }
}
