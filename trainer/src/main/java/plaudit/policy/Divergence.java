package plaudit.policy;

import plaudit.experience.Trajectory;

/**
 * Estimates of the divergence of policy and reference from sampled tokens, in nats a sequence, with
 * d = log rho - log pi of a token.
 */
final class Divergence {

  private Divergence() {}

  /** Sum of -d: unbiased, what the policy pays for; a single one may be negative. */
  static double k1(Trajectory trajectory) {
    return trajectory.kl();
  }

  /** Sum of exp(d) - 1 - d: unbiased too, never negative, less noisy. Only watched. */
  static double k3(Trajectory trajectory) {
    double sum = 0;
    for (int t = 0; t < trajectory.refLogprobs().length(); t++) {
      double d = (double) trajectory.refLogprobs().get(t) - trajectory.rollout().logprobs().get(t);
      sum += Math.expm1(d) - d;
    }
    return sum;
  }
}
