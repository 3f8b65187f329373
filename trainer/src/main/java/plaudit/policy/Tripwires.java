package plaudit.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Stops a run that goes wrong. In 2019 a flipped sign trained a model overnight towards the worst
 * text it could write, fluent and converged (paper 5.8): a wrong sign drives the KL up, the entropy
 * down and the validation win rate down; a sampler whose logprobs are not those of its tokens
 * drives the KL below zero; and a loss that is NaN stops the run at once.
 *
 * <p>All but the NaN is judged by the mean of the last few updates, since the KL estimate of one
 * small batch is below zero now and then by chance. An update that is out of bounds alone is {@link
 * Verdict.Watch watched}: the run goes on, and no checkpoint is written.
 *
 * <p>Immutable; a checkpoint keeps all but the limits.
 *
 * @param limits when to stop
 * @param updates how many updates the entropy at the start was measured over so far
 * @param startEntropy the mean sequence entropy of those, in nats
 * @param kl mean KL of the last updates, in nats a sequence
 * @param entropy mean sequence entropy of the last updates, in nats
 * @param winRate newest shares of validation questions that the policy won against the reference
 */
public record Tripwires(
    Limits limits, int updates, double startEntropy, Window kl, Window entropy, Window winRate) {

  /**
   * When to stop.
   *
   * @param minKl lowest mean KL, in nats a sequence; the true KL is never below 0, its estimate is
   *     by chance, but never for long
   * @param maxKl highest mean KL, in nats a sequence
   * @param entropyShare lowest mean sequence entropy, as a share of that at the start; 0 to allow
   *     any
   * @param entropyUpdates how many updates are the start
   * @param window how many updates, or measurements of the win rate, the mean is over
   * @param minWinRate lowest share of validation questions the policy wins against the reference; 0
   *     to allow any
   */
  public record Limits(
      double minKl,
      double maxKl,
      double entropyShare,
      int entropyUpdates,
      int window,
      double minWinRate) {
    public Limits {
      PolicySettings.require(
          minKl < 0 && Double.isFinite(minKl), "tripwires.min-kl", minKl, "< 0 nats a sequence");
      PolicySettings.require(
          maxKl > 0 && Double.isFinite(maxKl), "tripwires.max-kl", maxKl, "> 0 nats a sequence");
      PolicySettings.require(
          entropyShare >= 0 && entropyShare < 1,
          "tripwires.entropy-share",
          entropyShare,
          ">= 0 and < 1");
      PolicySettings.require(
          entropyUpdates >= 1, "tripwires.entropy-updates", entropyUpdates, ">= 1");
      PolicySettings.require(window >= 1, "tripwires.window", window, ">= 1");
      PolicySettings.require(
          minWinRate >= 0 && minWinRate < 1, "tripwires.min-win-rate", minWinRate, ">= 0 and < 1");
    }
  }

  /**
   * What one update showed.
   *
   * @param kl mean over the batch of the KL estimate summed over each response, in nats
   * @param entropy mean over the batch of the summed -log pi, in nats
   * @param loss the update's loss
   * @param validationWinRate share of validation questions that the policy wins against the
   *     reference, at most (the upper end of an interval); empty when nothing was measured
   */
  public record Signals(double kl, double entropy, double loss, OptionalDouble validationWinRate) {

    /** The signals of an update's report. */
    static Signals of(UpdateReport report, double loss, OptionalDouble validationWinRate) {
      return new Signals(
          report.get("objective/kl"), report.get("objective/entropy"), loss, validationWinRate);
    }

    /** Without a measurement of the win rate. */
    public Signals(double kl, double entropy, double loss) {
      this(kl, entropy, loss, OptionalDouble.empty());
    }
  }

  /** Whether the run may go on. */
  public sealed interface Verdict {
    /** Nothing is wrong. */
    record GoOn() implements Verdict {}

    /** This update was out of bounds, the mean of the last ones is not: go on, keep nothing. */
    record Watch(String reason) implements Verdict {}

    /** Stop now and ask a person; the reason is a line for the log and the report. */
    record Stop(String reason) implements Verdict {}
  }

  /**
   * The last few values of something noisy.
   *
   * @param size how many
   * @param values at most so many, oldest first
   */
  public record Window(int size, List<Double> values) {

    /** Keeps the newest values. */
    public Window {
      int surplus = Math.max(0, values.size() - size);
      values = List.copyOf(values.subList(surplus, values.size()));
    }

    /** One value on. */
    Window and(double value) {
      List<Double> more = new ArrayList<>(values);
      more.add(value);
      return new Window(size, more);
    }

    /** Whether so many values were seen that the mean means something. */
    boolean full() {
      return values.size() == size;
    }

    /** The mean of what is there, 0 of nothing. */
    double mean() {
      return values.stream().mapToDouble(x -> x).average().orElse(0);
    }
  }

  /** Before the first update. */
  public static Tripwires set(Limits limits) {
    Window nothing = new Window(limits.window(), List.of());
    return new Tripwires(limits, 0, 0, nothing, nothing, nothing);
  }

  /** The wires after an update. */
  public Tripwires after(Signals signals) {
    boolean starting = updates < limits.entropyUpdates();
    double mean = (startEntropy * updates + signals.entropy()) / (updates + 1);
    return new Tripwires(
        limits,
        starting ? updates + 1 : updates,
        starting ? mean : startEntropy,
        kl.and(signals.kl()),
        entropy.and(signals.entropy()),
        signals.validationWinRate().isPresent()
            ? winRate.and(signals.validationWinRate().getAsDouble())
            : winRate);
  }

  /** What these signals, of the next update, mean. */
  public Verdict judge(Signals signals) {
    if (!Double.isFinite(signals.loss())) {
      return new Verdict.Stop(said("loss", signals.loss(), "finite"));
    }
    if (!Double.isFinite(signals.kl()) || !Double.isFinite(signals.entropy())) {
      return new Verdict.Stop(
          said("kl and entropy", signals.kl() + ", " + signals.entropy(), "finite"));
    }
    Tripwires next = after(signals);
    Optional<String> lasting =
        next.kl.full() ? out(next.kl.mean(), next.entropy.mean()) : Optional.empty();
    if (lasting.isEmpty() && next.winRate.full() && next.winRate.mean() < limits.minWinRate()) {
      lasting =
          Optional.of(
              said("validation win rate", next.winRate.mean(), ">= " + limits.minWinRate()));
    }
    if (lasting.isPresent()) {
      return new Verdict.Stop(lasting.get());
    }
    return out(signals.kl(), signals.entropy())
        .<Verdict>map(Verdict.Watch::new)
        .orElseGet(Verdict.GoOn::new);
  }

  /** What is out of bounds. */
  private Optional<String> out(double meanKl, double meanEntropy) {
    if (meanKl < limits.minKl()) {
      return Optional.of(said("kl", meanKl, ">= " + limits.minKl() + " nats a sequence"));
    }
    if (meanKl > limits.maxKl()) {
      return Optional.of(said("kl", meanKl, "<= " + limits.maxKl() + " nats a sequence"));
    }
    double lowest = limits.entropyShare() * startEntropy;
    return updates >= limits.entropyUpdates() && meanEntropy < lowest
        ? Optional.of(
            said(
                "entropy",
                meanEntropy,
                String.format(Locale.ROOT, ">= %.3f nats a sequence", lowest)))
        : Optional.empty();
  }

  private static String said(String what, Object value, String expected) {
    return "%s: %s (expected: %s)".formatted(what, value, expected);
  }
}
