package plaudit.lab.study;

import plaudit.reward.RewardScale;

/**
 * Turns a classifier's raw scores into log-odds: the gain and bias for which {@code sigmoid(gain
 * raw + bias)} is likeliest to have made the labels seen (Platt 1999, without his smoothing of the
 * labels). Newton's method on two numbers.
 */
final class LogOddsFit {

  private static final int MOST_STEPS = 100;
  private static final double SMALL = 1e-9;

  /** Keeps the fit finite where the classes can be told apart without an error. */
  private static final double RIDGE = 1e-3;

  private LogOddsFit() {}

  /**
   * Fits.
   *
   * @param raw scores
   * @param positive the labels, as many
   */
  static RewardScale of(float[] raw, boolean[] positive) {
    double gain = 0;
    double bias = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      double g0 = -RIDGE * gain;
      double g1 = 0;
      double h00 = RIDGE;
      double h01 = 0;
      double h11 = SMALL;
      for (int i = 0; i < raw.length; i++) {
        double p = 1 / (1 + Math.exp(-(gain * raw[i] + bias)));
        double error = (positive[i] ? 1 : 0) - p;
        double weight = p * (1 - p);
        g0 += error * raw[i];
        g1 += error;
        h00 += weight * raw[i] * raw[i];
        h01 += weight * raw[i];
        h11 += weight;
      }
      double determinant = h00 * h11 - h01 * h01;
      double dGain = (h11 * g0 - h01 * g1) / determinant;
      double dBias = (h00 * g1 - h01 * g0) / determinant;
      gain += dGain;
      bias += dBias;
      if (Math.abs(dGain) + Math.abs(dBias) < SMALL) {
        break;
      }
    }
    return new RewardScale(gain, bias);
  }
}
