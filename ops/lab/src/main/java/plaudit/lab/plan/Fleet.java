package plaudit.lab.plan;

import plaudit.experience.OnStale;
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
 * @param maxStaleness versions after which a trajectory is too old to learn from
 * @param onStale what is done so that none is
 * @param inFlight whether a sampler takes a newer version between two tokens, or between grants
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
    int maxStaleness,
    OnStale onStale,
    boolean inFlight) {

  /** A fleet that drops what has become too old, and ends a grant with who began it. */
  public Fleet(
      int samplers,
      int scorers,
      int learners,
      int labelers,
      int batch,
      int grant,
      int unacknowledged,
      int eta,
      int maxStaleness) {
    this(
        samplers,
        scorers,
        learners,
        labelers,
        batch,
        grant,
        unacknowledged,
        eta,
        maxStaleness,
        OnStale.DROP,
        false);
  }

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
        samplers + 1,
        scorers,
        learners,
        labelers,
        batch,
        grant,
        unacknowledged,
        eta,
        maxStaleness,
        onStale,
        inFlight);
  }

  /** One scorer more. */
  public Fleet oneScorerMore() {
    return new Fleet(
        samplers,
        scorers + 1,
        learners,
        labelers,
        batch,
        grant,
        unacknowledged,
        eta,
        maxStaleness,
        onStale,
        inFlight);
  }

  /** One learner more. */
  public Fleet oneLearnerMore() {
    return new Fleet(
        samplers,
        scorers,
        learners + 1,
        labelers,
        batch,
        grant,
        unacknowledged,
        eta,
        maxStaleness,
        onStale,
        inFlight);
  }

  /** One labeler more. */
  public Fleet oneLabelerMore() {
    return new Fleet(
        samplers,
        scorers,
        learners,
        labelers + 1,
        batch,
        grant,
        unacknowledged,
        eta,
        maxStaleness,
        onStale,
        inFlight);
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
        Math.max(maxStaleness, eta + 1),
        onStale,
        inFlight);
  }

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw InvalidInputException.of(name, value, ">= " + least);
    }
  }
}
