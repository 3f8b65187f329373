package plaudit.policy;

import plaudit.policy.Advantages.Estimates;

/**
 * V-trace (Espeholt et al. 2018, section 4.1; with lambda as in its remark 2): generalised
 * advantages for responses of an older policy. Backwards over each response, with w = prox/mu, rho
 * = min(w, rhoCap) and c = lambda min(w, cCap):
 *
 * <pre>
 *   delta_t = rho_t (r_t + gamma V_{t+1} - V_t),  V_T = 0
 *   v_t - V_t = delta_t + gamma c_t (v_{t+1} - V_{t+1})
 *   A_t = r_t + gamma (V_{t+1} + lambda (v_{t+1} - V_{t+1})) - V_t
 * </pre>
 *
 * v_t is what the value head should have said. The policy gradient weighs A_t by rho_t; that weight
 * is in the targets, so that whitening sees A alone. With w = 1 everywhere v and A are those of
 * {@link Advantages}, for any lambda: for that A looks ahead with lambda too, where the paper,
 * whose lambda is 1 there, has v_{t+1}.
 */
final class VTrace {

  private VTrace() {}

  /**
   * The estimates of a batch, all of shape {@code [batch][T]}.
   *
   * @param rewards what each token earned
   * @param values what the learner's value head says now
   * @param ratios prox/mu
   */
  static Estimates estimate(
      float[][] rewards,
      float[][] values,
      float[][] ratios,
      double gamma,
      double lambda,
      Correction caps) {
    float[][] advantages = new float[rewards.length][];
    float[][] targets = new float[rewards.length][];
    for (int i = 0; i < rewards.length; i++) {
      int length = rewards[i].length;
      advantages[i] = new float[length];
      targets[i] = new float[length];
      double excess = 0; // v_{t+1} - V_{t+1}
      for (int t = length - 1; t >= 0; t--) {
        double next = t + 1 < length ? values[i][t + 1] : 0;
        double error = rewards[i][t] + gamma * next - values[i][t];
        double rho = Math.min(ratios[i][t], caps.rhoCap());
        double c = lambda * Math.min(ratios[i][t], caps.cCap());
        advantages[i][t] = (float) (error + gamma * lambda * excess);
        excess = rho * error + gamma * c * excess;
        targets[i][t] = (float) (values[i][t] + excess);
      }
    }
    return new Estimates(advantages, targets);
  }
}
