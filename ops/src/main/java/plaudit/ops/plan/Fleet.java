package plaudit.ops.plan;

import plaudit.input.InvalidInputException;

/**
 * Who works, and how far apart they may get.
 *
 * @param samplers nodes that write responses, one grant at a time
 * @param scorers nodes that score them, one batch at a time
 * @param learners nodes that share the policy's gradient
 * @param labelers people; 0 if labels are no part of the question
 * @param batch trajectories in a policy update
 * @param grant prompts in a grant
 * @param unacknowledged grants a sampler may have with scorers while it writes the next
 * @param eta versions the samplers may run ahead
 * @param maxStaleness versions after which a trajectory is dropped
 */
public record Fleet(
    int samplers,
    int scorers,
    int learners,
    int labelers,
    int batch,
    int grant,
    int unacknowledged,
    int eta,
    int maxStaleness) {

  public Fleet {
    atLeast("samplers", samplers, 1);
    atLeast("scorers", scorers, 1);
    atLeast("learners", learners, 1);
    atLeast("labelers", labelers, 0);
    atLeast("batch", batch, 1);
    atLeast("grant", grant, 1);
    atLeast("unacknowledged", unacknowledged, 1);
    atLeast("eta", eta, 0);
    atLeast("max-staleness", maxStaleness, eta);
  }

  /** One sampler more. */
  public Fleet oneSamplerMore() {
    return new Fleet(
        samplers + 1, scorers, learners, labelers, batch, grant, unacknowledged, eta, maxStaleness);
  }

  /** One scorer more. */
  public Fleet oneScorerMore() {
    return new Fleet(
        samplers, scorers + 1, learners, labelers, batch, grant, unacknowledged, eta, maxStaleness);
  }

  /** One learner more. */
  public Fleet oneLearnerMore() {
    return new Fleet(
        samplers, scorers, learners + 1, labelers, batch, grant, unacknowledged, eta, maxStaleness);
  }

  /** One labeler more. */
  public Fleet oneLabelerMore() {
    return new Fleet(
        samplers, scorers, learners, labelers + 1, batch, grant, unacknowledged, eta, maxStaleness);
  }

  /** One version of slack more. */
  public Fleet oneVersionMore() {
    return new Fleet(
        samplers,
        scorers,
        learners,
        labelers,
        batch,
        grant,
        unacknowledged,
        eta + 1,
        Math.max(maxStaleness, eta + 1));
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw InvalidInputException.of(name, value, ">= " + least);
    }
  }
}
