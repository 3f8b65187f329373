package plaudit.lab.replay;

import java.util.List;
import java.util.Optional;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.tokens.PerToken;

/**
 * A result of a replay that is not equal to the recorded one.
 *
 * @param where which version, which prompt
 * @param what tokens, logprobs, values, refLogprobs, score or weights
 * @param recorded the run's result
 * @param replayed the replay's result
 */
public record Difference(String where, String what, String recorded, String replayed) {

  /** On one line. */
  public String line() {
    return "%s: other %s (recorded %s, replayed %s)".formatted(where, what, recorded, replayed);
  }

  /** The first difference of rollouts: tokens, then logprobs and values. */
  static Optional<Difference> ofRollouts(List<Rollout> recorded, List<Rollout> replayed) {
    if (recorded.size() != replayed.size()) {
      return Optional.of(
          new Difference(
              "a delivery",
              "number of responses",
              Integer.toString(recorded.size()),
              Integer.toString(replayed.size())));
    }
    for (int i = 0; i < recorded.size(); i++) {
      Rollout then = recorded.get(i);
      Rollout now = replayed.get(i);
      String where =
          "policy version %d, prompt %d, response %d"
              .formatted(then.policyVersion(), then.promptId(), then.index());
      if (then.promptId() != now.promptId() || then.index() != now.index()) {
        return Optional.of(
            new Difference(
                where,
                "prompt",
                then.promptId() + "." + then.index(),
                now.promptId() + "." + now.index()));
      }
      if (!then.response().equals(now.response())) {
        return Optional.of(
            new Difference(where, "tokens", then.response().toString(), now.response().toString()));
      }
      Optional<Difference> numbers =
          ofNumbers(where, "logprobs", then.logprobs(), now.logprobs())
              .or(() -> ofNumbers(where, "values", then.values(), now.values()));
      if (numbers.isPresent()) {
        return numbers;
      }
    }
    return Optional.empty();
  }

  /** The first difference of a scorer's results for the same rollouts. */
  static Optional<Difference> ofScores(List<Trajectory> recorded, List<Trajectory> replayed) {
    for (int i = 0; i < recorded.size(); i++) {
      Trajectory then = recorded.get(i);
      Trajectory now = replayed.get(i);
      String where =
          "reward version %d, prompt %d, response %d"
              .formatted(then.rewardVersion(), then.rollout().promptId(), then.rollout().index());
      Optional<Difference> reference =
          ofNumbers(where, "refLogprobs", then.refLogprobs(), now.refLogprobs());
      if (reference.isPresent()) {
        return reference;
      }
      boolean same =
          Float.floatToIntBits(then.score()) == Float.floatToIntBits(now.score())
              && then.valid() == now.valid()
              && then.rewardVersion() == now.rewardVersion();
      if (!same) {
        return Optional.of(
            new Difference(
                where, "score", Float.toString(then.score()), Float.toString(now.score())));
      }
    }
    return Optional.empty();
  }

  /** The difference of digests of weights. */
  static Optional<Difference> ofWeights(String where, String recorded, String replayed) {
    return recorded.equals(replayed)
        ? Optional.empty()
        : Optional.of(new Difference(where, "weights", recorded, replayed));
  }

  private static Optional<Difference> ofNumbers(
      String where, String what, PerToken then, PerToken now) {
    return then.equals(now)
        ? Optional.empty()
        : Optional.of(new Difference(where, what, then.toString(), now.toString()));
  }
}
