package plaudit.policy;

import java.util.Locale;

/**
 * Stops a run that goes wrong while nobody watches. In 2019 a flipped sign trained a model
 * overnight towards the worst text it could write, fluent and converged (paper 5.8): a wrong sign
 * drives the divergence up and the entropy down, a sampler that does not sample what it says drives
 * the divergence below zero, and a NaN is never good.
 *
 * <p>Immutable. A checkpoint keeps {@link #updates()} and {@link #entropy()}.
 *
 * @param limits when to stop
 * @param updates how many updates the entropy at the start was measured over so far
 * @param entropy the mean sequence entropy of those, in nats
 */
public record Tripwires(Limits limits, int updates, double entropy) {

  /**
   * When to stop.
   *
   * @param minKl lowest mean divergence, in nats a sequence; a true divergence is never below 0,
   *     its estimate is by chance, but never for long
   * @param maxKl highest mean divergence, in nats a sequence
   * @param entropyShare lowest mean sequence entropy, as a share of that at the start; 0 to allow
   *     any
   * @param entropyUpdates how many updates are the start
   */
  public record Limits(double minKl, double maxKl, double entropyShare, int entropyUpdates) {
    public Limits {
      PpoSettings.require(
          minKl < 0 && Double.isFinite(minKl), "tripwires.min-kl", minKl, "< 0 nats a sequence");
      PpoSettings.require(
          maxKl > 0 && Double.isFinite(maxKl), "tripwires.max-kl", maxKl, "> 0 nats a sequence");
      PpoSettings.require(
          entropyShare >= 0 && entropyShare < 1,
          "tripwires.entropy-share",
          entropyShare,
          ">= 0 and < 1");
      PpoSettings.require(entropyUpdates >= 1, "tripwires.entropy-updates", entropyUpdates, ">= 1");
    }
  }

  /**
   * What one update showed.
   *
   * @param kl mean over the batch of the divergence summed over each response, in nats
   * @param entropy mean over the batch of the summed -log pi, in nats
   * @param loss the update's loss
   */
  public record Signals(double kl, double entropy, double loss) {}

  /** Whether the run may go on. */
  public sealed interface Verdict {
    /** Nothing is wrong. */
    record GoOn() implements Verdict {}

    /** Stop now and ask a person; the reason is a line for the log and the report. */
    record Stop(String reason) implements Verdict {}
  }

  /** Before the first update. */
  public static Tripwires set(Limits limits) {
    return new Tripwires(limits, 0, 0);
  }

  /** What these signals, of the next update, mean. */
  public Verdict judge(Signals signals) {
    if (!Double.isFinite(signals.loss())) {
      return stop("loss", signals.loss(), "finite");
    }
    if (!Double.isFinite(signals.kl()) || !Double.isFinite(signals.entropy())) {
      return stop("kl and entropy", signals.kl() + ", " + signals.entropy(), "finite");
    }
    if (signals.kl() < limits.minKl()) {
      return stop("kl", signals.kl(), ">= " + limits.minKl() + " nats a sequence");
    }
    if (signals.kl() > limits.maxKl()) {
      return stop("kl", signals.kl(), "<= " + limits.maxKl() + " nats a sequence");
    }
    double lowest = limits.entropyShare() * entropy;
    if (updates >= limits.entropyUpdates() && signals.entropy() < lowest) {
      return stop(
          "entropy",
          signals.entropy(),
          String.format(Locale.ROOT, ">= %.3f nats a sequence", lowest));
    }
    return new Verdict.GoOn();
  }

  /** The wires after an update that may go on. */
  public Tripwires after(Signals signals) {
    if (updates >= limits.entropyUpdates()) {
      return this;
    }
    double mean = (entropy * updates + signals.entropy()) / (updates + 1);
    return new Tripwires(limits, updates + 1, mean);
  }

  private static Verdict stop(String what, Object value, String expected) {
    return new Verdict.Stop("%s: %s (expected: %s)".formatted(what, value, expected));
  }
}
