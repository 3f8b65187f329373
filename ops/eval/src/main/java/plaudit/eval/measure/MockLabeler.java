package plaudit.eval.measure;

import java.util.random.RandomGenerator;
import plaudit.labels.Choice;

/**
 * A simulated person: picks the response of highest valence, or, with temperature, response i with
 * probability proportional to exp(valence_i / temperature). At temperature 0 it is the paper's mock
 * labeler; real labelers agree with each other on 38 to 46 % of four-way choices (paper 5.7).
 *
 * @param temperature in units of valence, 0 for none
 * @param tieWithin valences that all lie this close are the same to this person
 * @param ties what to do then
 */
public record MockLabeler(double temperature, double tieWithin, Ties ties) {

  /** What to do when all responses are the same. */
  public enum Ties {
    /** Choose one by lot. */
    DRAW,
    /** Say that there is no preference. */
    DECLARE
  }

  public MockLabeler {
    if (!(temperature >= 0 && Double.isFinite(temperature))) {
      throw new IllegalArgumentException("temperature: " + temperature + " (expected: >= 0)");
    }
    if (!(tieWithin >= 0 && Double.isFinite(tieWithin))) {
      throw new IllegalArgumentException("tieWithin: " + tieWithin + " (expected: >= 0)");
    }
  }

  /**
   * Chooses.
   *
   * @param valences of the responses, in the order shown
   * @param random settles ties and noise
   */
  public Choice choose(double[] valences, RandomGenerator random) {
    if (valences.length < 2) {
      throw new IllegalArgumentException("valences: " + valences.length + " (expected: >= 2)");
    }
    double highest = Double.NEGATIVE_INFINITY;
    double lowest = Double.POSITIVE_INFINITY;
    for (double valence : valences) {
      highest = Math.max(highest, valence);
      lowest = Math.min(lowest, valence);
    }
    if (ties == Ties.DECLARE && highest - lowest <= tieWithin) {
      return new Choice.NoPreference(Choice.Reason.TIE);
    }
    return new Choice.Best(draw(weights(valences, highest), random));
  }

  private double[] weights(double[] valences, double highest) {
    double[] weights = new double[valences.length];
    for (int i = 0; i < weights.length; i++) {
      double below = highest - valences[i];
      if (temperature == 0) {
        weights[i] = below <= tieWithin ? 1 : 0;
      } else {
        weights[i] = Math.exp(-below / temperature);
      }
    }
    return weights;
  }

  private static int draw(double[] weights, RandomGenerator random) {
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    double left = random.nextDouble() * sum;
    int drawn = 0;
    for (int i = 0; i < weights.length; i++) {
      if (weights[i] > 0) {
        drawn = i;
        left -= weights[i];
        if (left < 0) {
          break;
        }
      }
    }
    return drawn;
  }
}
