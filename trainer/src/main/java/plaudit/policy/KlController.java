package plaudit.policy;

/**
 * Sets beta, the price of one nat of divergence from the reference (paper 3.6). Immutable: a
 * checkpoint keeps {@link #beta()}, which the 2019 release forgot on a restart.
 */
public sealed interface KlController {

  /** The price of one nat, in reward. */
  double beta();

  /**
   * The controller after one policy update.
   *
   * @param kl mean over the batch of the divergence summed over each response, in nats a sequence;
   *     the mean a token would pin the error at its bound and drive beta to 0
   * @param episodes how many responses the update learned from
   */
  KlController after(double kl, int episodes);

  /** This controller at a price that a checkpoint kept. */
  KlController at(double beta);

  /** The price never changes. */
  record Fixed(double beta) implements KlController {
    public Fixed {
      requirePrice(beta);
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
   * A proportional controller in log space that steers the divergence to a target: e = clip(kl /
   * target - 1, -0.2, 0.2), beta grows by the factor 1 + e episodes / horizon.
   *
   * @param beta the price now
   * @param target nats a sequence
   * @param horizon episodes in which a bounded error would move beta by its own size
   */
  record Adaptive(double beta, double target, double horizon) implements KlController {

    private static final double BOUND = 0.2;

    public Adaptive {
      requirePrice(beta);
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

  private static void requirePrice(double beta) {
    if (!(beta >= 0 && Double.isFinite(beta))) {
      throw new IllegalArgumentException("beta: " + beta + " (expected: >= 0)");
    }
  }
}
