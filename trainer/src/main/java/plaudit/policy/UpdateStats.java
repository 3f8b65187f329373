package plaudit.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of one policy update: means over its epochs and micro-batches, and largest values.
 */
public final class UpdateStats {

  private record Mean(double sum, double weight) {
    Mean and(double value, double by) {
      return new Mean(sum + by * value, weight + by);
    }
  }

  private final Map<String, Mean> means = new LinkedHashMap<>();
  private final Map<String, Double> others = new LinkedHashMap<>();

  UpdateStats() {}

  /** Adds to a mean, with a weight. */
  void mean(String name, double value, double weight) {
    means.put(name, means.getOrDefault(name, new Mean(0, 0)).and(value, weight));
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
