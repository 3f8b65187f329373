package plaudit.optim;

import com.typesafe.config.Config;
import plaudit.input.InvalidInputException;

/**
 * Adam's constants.
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment <em>after</em> the bias correction went
 *     into the learning rate, as TensorFlow 1 has it (paper 3.8)
 * @param weightDecay decoupled decay of matrices, multiplied by the learning rate; the paper has 0
 * @param clipNorm largest global norm of the gradient, 0 for no clipping; the paper has none
 */
public record AdamSettings(
    double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {

  public AdamSettings {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0)) {
      throw new IllegalArgumentException(
          "beta1, beta2, epsilon: %s, %s, %s (expected: 0 <= beta < 1, epsilon > 0)"
              .formatted(beta1, beta2, epsilon));
    }
  }

  /** The paper's Adam: no decay, no clipping. */
  public static AdamSettings of(double beta1, double beta2, double epsilon) {
    return new AdamSettings(beta1, beta2, epsilon, 0, 0);
  }

  /** The released code's constants: 0.9, 0.999, 1e-5. */
  public static AdamSettings paper() {
    return of(0.9, 0.999, 1e-5);
  }

  /** Reads the keys {@code beta1}, {@code beta2} and {@code epsilon} under {@code path}. */
  public static AdamSettings from(Config root, String path) {
    return of(share(root, path + ".beta1"), share(root, path + ".beta2"), epsilon(root, path));
  }

  private static double share(Config root, String key) {
    double value = root.getDouble(key);
    if (!(value >= 0 && value < 1)) {
      throw InvalidInputException.of(key, value, ">= 0 and < 1");
    }
    return value;
  }

  private static double epsilon(Config root, String path) {
    double value = root.getDouble(path + ".epsilon");
    if (!(value > 0 && Double.isFinite(value))) {
      throw InvalidInputException.of(path + ".epsilon", value, "> 0");
    }
    return value;
  }
}
