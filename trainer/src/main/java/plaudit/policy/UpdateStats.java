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

  /** Mean and variance of the last minibatch's returns. */
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
    double mean = sum / count;
    others.put("returns/mean", mean);
    others.put("returns/variance", squares / count - mean * mean);
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
