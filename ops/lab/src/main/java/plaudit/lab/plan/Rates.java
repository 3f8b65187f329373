package plaudit.lab.plan;

import plaudit.input.InvalidInputException;

/**
 * How long the pieces of work take, in seconds.
 *
 * @param generation to write a full grant
 * @param spread standard deviation of that time over its mean
 * @param scoring to score a full grant
 * @param learning one learner's time for an update's epochs
 * @param sharing what each further learner adds to an update, to exchange gradients
 * @param publishing to write a version's weights; the learner waits for it
 * @param loading from a version's announcement until a sampler samples with it
 * @param labeling a person's time for a question; 0 if no labels are needed
 * @param labelsPerEpisode labels the schedule wants for each trajectory, on average
 */
public record Rates(
    double generation,
    double spread,
    double scoring,
    double learning,
    double sharing,
    double publishing,
    double loading,
    double labeling,
    double labelsPerEpisode) {

  public Rates {
    positive("generation", generation);
    positive("learning", learning);
    notNegative("spread", spread);
    notNegative("scoring", scoring);
    notNegative("sharing", sharing);
    notNegative("publishing", publishing);
    notNegative("loading", loading);
    notNegative("labeling", labeling);
    notNegative("labels-per-episode", labelsPerEpisode);
  }

  /** The learner's time for one update, weights included. */
  public double update(Fleet fleet) {
    return learning / fleet.learners() + sharing * (fleet.learners() - 1) + publishing;
  }

  private static void positive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw InvalidInputException.of(name, value, "> 0 seconds");
    }
  }

  private static void notNegative(String name, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw InvalidInputException.of(name, value, ">= 0");
    }
  }
}
