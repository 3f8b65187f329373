package plaudit.experience;

import plaudit.tokens.PerToken;

/**
 * A rollout with its score: one sample of a policy update.
 *
 * @param rollout the response
 * @param refLogprobs log rho(token) of the frozen reference, in nats, shape {@code [T]}
 * @param score the reward model's score of the truncated response, or the penalty (paper 3.4)
 * @param valid whether the end token appeared in its window, that is, the score is no penalty
 * @param rewardVersion the version of the reward model that scored it
 */
public record Trajectory(
    Rollout rollout, PerToken refLogprobs, float score, boolean valid, long rewardVersion) {
  public Trajectory {
    if (refLogprobs.length() != rollout.response().length()) {
      throw new IllegalArgumentException(
          "refLogprobs: %d (expected: %d, one a response token)"
              .formatted(refLogprobs.length(), rollout.response().length()));
    }
    if (!Float.isFinite(score)) {
      throw new IllegalArgumentException("score: " + score + " (expected: finite)");
    }
  }

  /** Sum over the response of log pi - log rho, in nats a sequence (paper 3.5). */
  public double kl() {
    return rollout.logprobs().sum() - refLogprobs.sum();
  }
}
