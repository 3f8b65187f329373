package plaudit.policy;

/**
 * Sets the KL coefficient beta, the penalty of one nat of KL from the reference (paper 3.6).
 * Immutable: a checkpoint keeps {@link #beta()}, which the 2019 release forgot on a restart.
 */
public sealed interface KlController {

  /** The KL coefficient, in reward a nat. */
  double beta();

  /**
   * The controller after one policy update.
   *
   * @param kl mean over the batch of the KL estimate summed over each response, in nats a sequence;
   *     the mean a token would pin the error at its bound and drive beta to 0
   * @param episodes how many responses the update learned from
   */
  KlController after(double kl, int episodes);

  /** This controller with a coefficient that a checkpoint kept. */
  KlController at(double beta);

  /** The coefficient never changes. */
  record Fixed(double beta) implements KlController {
    public Fixed {
      requireCoefficient(beta);
    }

    @Override
    public KlController after(double kl, int episodes) {
      return this;
    }

    @Override
    public KlController at(double beta) {
      return new Fixed(beta);
    }
  }

  /**
   * A proportional controller in log space that steers the KL to a target: e = clip(kl / target -
   * 1, -0.2, 0.2), beta grows by the factor 1 + e episodes / horizon.
   *
   * @param beta the coefficient now
   * @param target nats a sequence
   * @param horizon episodes in which a bounded error would move beta by its own size
   */
  record Adaptive(double beta, double target, double horizon) implements KlController {

    private static final double BOUND = 0.2;

    public Adaptive {
      requireCoefficient(beta);
      if (!(target > 0 && horizon > 0)) {
        throw new IllegalArgumentException(
            "target, horizon: %s, %s (expected: > 0)".formatted(target, horizon));
      }
    }

    @Override
    public KlController after(double kl, int episodes) {
      if (!Double.isFinite(kl)) {
        throw new IllegalArgumentException("kl: " + kl + " (expected: finite)");
      }
      double error = Math.max(-BOUND, Math.min(BOUND, kl / target - 1));
      return at(beta * (1 + error * episodes / horizon));
    }

    @Override
    public KlController at(double beta) {
      return new Adaptive(beta, target, horizon);
    }
  }

  private static void requireCoefficient(double beta) {
    if (!(beta >= 0 && Double.isFinite(beta))) {
      throw new IllegalArgumentException("beta: " + beta + " (expected: >= 0)");
    }
  }
}
