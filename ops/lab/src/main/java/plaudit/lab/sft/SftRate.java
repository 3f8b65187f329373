package plaudit.lab.sft;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import plaudit.language.RateSweep;
import plaudit.language.SupervisedCheckpoint;
import plaudit.language.SupervisedTrainer;
import plaudit.language.TrainingDivergedException;
import plaudit.node.run.Eta;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.optim.TrainedNet;

/**
 * One learning rate of a sweep: trained from the beginning or a checkpoint, measured, kept if best.
 */
final class SftRate {

  private static final Duration PACE = Duration.ofMinutes(3);

  private final SftSettings settings;
  private final SftInputs inputs;
  private final SftState state;
  private final RateSweep sweep;
  private final double rate;
  private final MetricsLog metrics;
  private final ProgressLine terminal;
  private final InstantSource clock;
  private final BooleanSupplier stop;
  private final Eta eta = new Eta(PACE);
  private Instant saved;
  private double mean = Double.NaN;
  private long tokensSeen;

  SftRate(
      SftSettings settings,
      SftInputs inputs,
      SftState state,
      RateSweep sweep,
      MetricsLog metrics,
      ProgressLine terminal,
      InstantSource clock,
      BooleanSupplier stop) {
    this.settings = settings;
    this.inputs = inputs;
    this.state = state;
    this.sweep = sweep;
    this.rate = sweep.next().orElseThrow();
    this.metrics = metrics;
    this.terminal = terminal;
    this.clock = clock;
    this.stop = stop;
    this.saved = clock.instant();
  }

  /**
   * The sweep with what came of this rate; empty if it was stopped, with a checkpoint.
   *
   * @throws TrainingDivergedException if it is the only rate and diverged; the last checkpoint
   *     stays
   */
  Optional<RateSweep> train() {
    try (TrainedNet net = net()) {
      SupervisedTrainer trainer =
          new SupervisedTrainer(net, settings.training(), inputs.training(), rate);
      eta.mark(clock.instant(), 0);
      trainer.train((step, loss, tokens) -> onStep(net, trainer, step, loss, tokens), stop);
      SupervisedCheckpoint.write(state.checkpoint().file(), net, rate);
      OptionalDouble measured =
          trainer.complete() ? trainer.evaluate(inputs.heldOut(), stop) : OptionalDouble.empty();
      if (measured.isEmpty()) {
        terminal.say("Stopped after step " + net.steps() + " of " + trainer.steps());
        return Optional.empty();
      }
      return Optional.of(done(net, measured.getAsDouble()));
    } catch (TrainingDivergedException e) {
      if (sweep.rates().size() == 1) {
        throw e;
      }
      terminal.say(String.valueOf(e.getMessage()));
      return Optional.of(sweep.with(Double.NaN));
    }
  }

  private TrainedNet net() {
    return state.checkpoint().isOf(rate)
        ? state.checkpoint().net(inputs.reference().config(), settings.compute())
        : SupervisedCheckpoint.start(inputs.reference(), settings.compute());
  }

  private RateSweep done(TrainedNet net, double loss) {
    RateSweep more = sweep.with(loss);
    if (more.best().filter(best -> best.rate() == rate).isPresent()) {
      SupervisedCheckpoint.write(state.best().file(), net, rate);
    }
    metrics.append(Map.of("sft/learning_rate", rate, "sft/validation_loss", loss));
    terminal.say(
        String.format(Locale.ROOT, "learning rate %.3g: %.4f nats a token held out", rate, loss));
    return more;
  }

  private void onStep(
      TrainedNet net, SupervisedTrainer trainer, long step, double loss, long tokens) {
    mean = Double.isNaN(mean) ? loss : 0.95 * mean + 0.05 * loss;
    tokensSeen += tokens;
    Instant now = clock.instant();
    eta.mark(now, (double) tokensSeen);
    Map<String, Number> line = new LinkedHashMap<>();
    line.put("sft/learning_rate", rate);
    line.put("sft/step", step);
    line.put("sft/loss", loss);
    metrics.append(line);
    terminal.show(line(step, trainer.steps()));
    if (Duration.between(saved, now).compareTo(settings.saveEvery()) >= 0) {
      SupervisedCheckpoint.write(state.checkpoint().file(), net, rate);
      saved = clock.instant();
    }
  }

  private String line(long step, long steps) {
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "learning rate %.3g (%d of %d)  step %d/%d  loss %.3f",
                rate,
                sweep.results().size() + 1,
                sweep.rates().size(),
                step,
                steps,
                mean));
    eta.perSecond()
        .ifPresent(pace -> line.append(String.format(Locale.ROOT, "  %,.0f tokens/s", pace)));
    // The rates still to come take as long as this one.
    double each = tokensSeen / (double) step;
    double left = (sweep.rates().size() - sweep.results().size()) * (double) steps;
    eta.until(each * left).ifPresent(time -> line.append("  ETA ").append(Progress.clock(time)));
    return line.toString();
  }
}
