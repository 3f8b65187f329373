package plaudit.policy;

import plaudit.optim.AdamSettings;

/** Adam with epsilon where TensorFlow 1 has it, in slow, plain Java (paper 3.8). */
final class AdamReference {

  private final AdamSettings settings;
  private final double[] mean;
  private final double[] square;
  private int step;

  AdamReference(AdamSettings settings, int parameters) {
    this.settings = settings;
    this.mean = new double[parameters];
    this.square = new double[parameters];
  }

  /** What the next step adds to each parameter. */
  double[] step(double[] gradients, double rate) {
    step++;
    double corrected =
        rate
            * Math.sqrt(1 - Math.pow(settings.beta2(), step))
            / (1 - Math.pow(settings.beta1(), step));
    double[] change = new double[gradients.length];
    for (int i = 0; i < change.length; i++) {
      mean[i] = settings.beta1() * mean[i] + (1 - settings.beta1()) * gradients[i];
      square[i] =
          settings.beta2() * square[i] + (1 - settings.beta2()) * gradients[i] * gradients[i];
      change[i] = -corrected * mean[i] / (Math.sqrt(square[i]) + settings.epsilon());
    }
    return change;
  }
}
