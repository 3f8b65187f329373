package plaudit.policy;

/**
 * The PPO loss in slow, plain Java (paper 3.7, steps 5 to 8), for the fast tensor code to be
 * compared with. All arrays are flat: one element a token of the minibatch.
 */
final class PpoLossReference {

  private PpoLossReference() {}

  /**
   * The loss and what is watched beside it.
   *
   * @param policyLoss mean of max(-A ratio, -A clip(ratio))
   * @param valueLoss half the mean of the larger squared error, clipped or not
   * @param total policyLoss + coefficient valueLoss
   * @param clipFraction share of tokens whose clipped policy loss is strictly greater
   * @param valueClipFraction share of tokens whose clipped squared error is strictly greater
   * @param approxKl half the mean squared change of the log-probability
   */
  record Loss(
      double policyLoss,
      double valueLoss,
      double total,
      double clipFraction,
      double valueClipFraction,
      double approxKl) {}

  /** What was known when the tokens were sampled. */
  @SuppressWarnings("ArrayRecordComponent")
  record Old(float[] logprobs, float[] values, float[] advantages, float[] returns) {}

  static double[] ratios(float[] oldLogprobs, float[] newLogprobs) {
    double[] ratios = new double[oldLogprobs.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = Math.exp((double) newLogprobs[i] - oldLogprobs[i]);
    }
    return ratios;
  }

  static Loss loss(
      Old old,
      float[] newLogprobs,
      float[] newValues,
      double clipRatio,
      double clipValue,
      double valueCoefficient) {
    int n = newLogprobs.length;
    double[] ratios = ratios(old.logprobs(), newLogprobs);
    double policy = 0;
    double value = 0;
    double clipped = 0;
    double valueClipped = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double advantage = old.advantages()[i];
      double free = -advantage * ratios[i];
      double bounded = -advantage * clip(ratios[i], 1 - clipRatio, 1 + clipRatio);
      policy += Math.max(free, bounded);
      clipped += bounded > free ? 1 : 0;

      double oldValue = old.values()[i];
      double near = clip(newValues[i], oldValue - clipValue, oldValue + clipValue);
      double error = Math.pow(newValues[i] - old.returns()[i], 2);
      double nearError = Math.pow(near - old.returns()[i], 2);
      value += Math.max(error, nearError);
      valueClipped += nearError > error ? 1 : 0;

      squares += Math.pow((double) newLogprobs[i] - old.logprobs()[i], 2);
    }
    double policyLoss = policy / n;
    double valueLoss = value / n / 2;
    return new Loss(
        policyLoss,
        valueLoss,
        policyLoss + valueCoefficient * valueLoss,
        clipped / n,
        valueClipped / n,
        squares / n / 2);
  }

  private static double clip(double value, double low, double high) {
    return Math.max(low, Math.min(high, value));
  }
}
