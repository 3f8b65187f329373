package plaudit.lab.sft;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.language.RateSweep;
import plaudit.language.SupervisedCheckpoint;
import plaudit.language.SupervisedTrainer;
import plaudit.language.TrainingDivergedException;
import plaudit.model.Dtype;
import plaudit.model.ModelDirectory;
import plaudit.model.Safetensors;
import plaudit.node.config.RunConfig;
import plaudit.node.config.RunSettings;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.telemetry.Logging;
import plaudit.optim.TrainedNet;

/**
 * Supervised fine-tuning (paper 1.5) from beginning to end: each learning rate in turn from the
 * same model, the loss on what was held out, the best one as a Hugging Face directory. An interrupt
 * stops it with a checkpoint.
 */
public final class SftJob {

  private static final int GRACE_SECONDS = 60;

  private final RunConfig config;
  private final SftSettings settings;
  private final PrintWriter words;
  private final InstantSource clock = InstantSource.system();
  private volatile boolean interrupted;

  /** A job that tells its story to {@code words}. */
  public SftJob(RunConfig config, PrintWriter words) {
    this.config = config;
    this.settings = SftSettings.from(config.config());
    this.words = words;
  }

  /**
   * How a job ended.
   *
   * @param directory of the job
   * @param out where the model is, if the job is complete
   * @param untouched loss of the model before, nats a token
   * @param sweep what came of the rates that were tried
   * @param complete whether all were
   */
  public record Result(
      Path directory, Path out, double untouched, RateSweep sweep, boolean complete) {}

  /** Runs in a new directory. */
  public Result start() {
    settings.requireFreeOut();
    SftInputs inputs = SftInputs.read(config.config(), settings);
    RunSettings run = RunSettings.from(config.config());
    try (RunDirectory directory =
        RunDirectory.create(run.directory(), "sft", clock, config.render(), run.freeSpace())) {
      return logged(directory, inputs);
    }
  }

  /** Goes on in the directory of a job that stopped. */
  public Result resume(Path root) {
    settings.requireFreeOut();
    SftInputs inputs = SftInputs.read(config.config(), settings);
    try (RunDirectory directory =
        RunDirectory.open(root, RunSettings.from(config.config()).freeSpace())) {
      return logged(directory, inputs);
    }
  }

  private Result logged(RunDirectory directory, SftInputs inputs) {
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted = true, GRACE_SECONDS);
    int linesPerSync = config.config().getInt("plaudit.run.metrics-lines-per-sync");
    try (Logging.LogFile log = Logging.toFile(directory.log());
        MetricsLog metrics = MetricsLog.open(directory.metrics(), linesPerSync);
        ProgressLine terminal = ProgressLine.suited(words, clock)) {
      return go(directory, inputs, metrics, terminal);
    } finally {
      interrupt.over();
    }
  }

  private Result go(
      RunDirectory directory, SftInputs inputs, MetricsLog metrics, ProgressLine terminal) {
    SftState state = new SftState(directory.checkpoints());
    RateSweep sweep = state.sweep(settings.sweep());
    introduce(directory, inputs);
    OptionalDouble untouched = state.untouched();
    if (untouched.isEmpty()) {
      untouched = measure(inputs, terminal);
      untouched.ifPresent(loss -> state.write(loss, settings.sweep()));
    }
    while (!interrupted && untouched.isPresent() && sweep.next().isPresent()) {
      Optional<RateSweep> next =
          new SftRate(settings, inputs, state, sweep, metrics, terminal, clock, () -> interrupted)
              .train();
      if (next.isPresent()) {
        sweep = next.get();
        state.write(untouched.getAsDouble(), sweep);
      }
    }
    double before = untouched.orElse(Double.NaN);
    boolean complete = sweep.next().isEmpty();
    if (complete) {
      write(directory, inputs, state, metrics, before, sweep);
    } else {
      terminal.say("Go on with    plaudit sft --resume " + directory.root());
    }
    return new Result(directory.root(), settings.out(), before, sweep, complete);
  }

  private void introduce(RunDirectory directory, SftInputs inputs) {
    words.printf(
        Locale.ROOT,
        "Model         %s (%,d parameters)%n",
        inputs.reference().directory().path(),
        inputs.reference().config().parameters());
    words.printf("Demonstrations %s%n", inputs.origin());
    words.printf("Run           %s%n", directory.root());
    words.flush();
  }

  private OptionalDouble measure(SftInputs inputs, ProgressLine terminal) {
    terminal.show("measuring the untouched model");
    try (TrainedNet net = SupervisedCheckpoint.start(inputs.reference(), settings.compute())) {
      OptionalDouble loss =
          new SupervisedTrainer(net, settings.training(), inputs.training(), 1)
              .evaluate(inputs.heldOut(), () -> interrupted);
      loss.ifPresent(
          nats ->
              terminal.say(
                  String.format(Locale.ROOT, "untouched: %.4f nats a token held out", nats)));
      return loss;
    }
  }

  private void write(
      RunDirectory directory,
      SftInputs inputs,
      SftState state,
      MetricsLog metrics,
      double untouched,
      RateSweep sweep) {
    RateSweep.Result best =
        sweep
            .best()
            .orElseThrow(
                () ->
                    new TrainingDivergedException(
                        "every learning rate diverged: "
                            + sweep.rates()
                            + " (expected: one that"
                            + " does not; lower them)"));
    Safetensors weights = Safetensors.open(state.best().file());
    ModelDirectory source = inputs.reference().directory();
    ModelDirectory.write(
        settings.out(),
        source.config(),
        spec -> weights.readF32(spec.name()),
        List.of(),
        Dtype.F32,
        source.path());
    metrics.sync();
    Config all = config.config();
    try {
      Files.writeString(
          settings.out().resolve("README.md"),
          ModelCard.of(all, settings, inputs, untouched, sweep));
      Files.copy(directory.metrics(), settings.out().resolve("metrics.jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + settings.out(), e);
    }
    state.forgetWeights();
    words.printf(
        Locale.ROOT,
        "Held out      %.4f -> %.4f nats a token, learning rate %.3g%n",
        untouched,
        best.loss(),
        best.rate());
    words.printf("Model         %s%n", settings.out());
    words.flush();
  }
}
