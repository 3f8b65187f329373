package plaudit.policy;

/**
 * Generalised advantage estimation (Schulman et al. 2016; paper 3.7, step 2), backwards over each
 * response: delta_t = r_t + gamma V_{t+1} - V_t with V_T = 0, A_t = delta_t + gamma lambda A_{t+1},
 * return_t = A_t + V_t.
 */
public final class Advantages {

  private Advantages() {}

  /**
   * What is known about each token afterwards, both of shape {@code [batch][T]}.
   *
   * @param advantages how much better the token was than expected, not whitened
   * @param returns what the value head should have said
   */
  // Raw arrays on purpose: they live for one update and are copied into tensors.
  @SuppressWarnings("ArrayRecordComponent")
  public record Estimates(float[][] advantages, float[][] returns) {}

  /**
   * The estimates of a batch.
   *
   * @param rewards shape {@code [batch][T]}
   * @param values the value head's estimates while sampling, same shape
   * @param gamma discount, 1 in the paper
   * @param lambda how far one looks ahead, 0.95 in the paper
   */
  public static Estimates estimate(
      float[][] rewards, float[][] values, double gamma, double lambda) {
    if (rewards.length != values.length) {
      throw new IllegalArgumentException(
          "rows of values: %d (expected: %d, as of rewards)"
              .formatted(values.length, rewards.length));
    }
    float[][] advantages = new float[rewards.length][];
    float[][] returns = new float[rewards.length][];
    for (int i = 0; i < rewards.length; i++) {
      int length = rewards[i].length;
      if (values[i].length != length) {
        throw new IllegalArgumentException(
            "values of row %d: %d (expected: %d, as of rewards)"
                .formatted(i, values[i].length, length));
      }
      advantages[i] = new float[length];
      returns[i] = new float[length];
      double advantage = 0;
      for (int t = length - 1; t >= 0; t--) {
        double next = t + 1 < length ? values[i][t + 1] : 0;
        double delta = rewards[i][t] + gamma * next - values[i][t];
        advantage = delta + gamma * lambda * advantage;
        advantages[i][t] = (float) advantage;
        returns[i][t] = (float) (advantage + values[i][t]);
      }
    }
    return new Estimates(advantages, returns);
  }
}
