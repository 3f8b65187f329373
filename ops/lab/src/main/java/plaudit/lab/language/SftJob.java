package plaudit.lab.language;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import plaudit.language.Demonstrations;
import plaudit.language.LanguageTrainer;
import plaudit.language.RateSweep;
import plaudit.language.SupervisedCheckpoint;
import plaudit.language.TrainingDivergedException;
import plaudit.model.Dtype;
import plaudit.model.ModelDirectory;
import plaudit.model.Safetensors;
import plaudit.node.config.RunConfig;
import plaudit.node.config.RunSettings;
import plaudit.node.run.Eta;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.Progress;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.telemetry.Logging;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.training.TrainingObserver;

/**
 * Supervised fine-tuning (paper 1.5) from beginning to end: each learning rate in turn from the
 * same model, the loss on what was held out, the best one as a Hugging Face directory. An interrupt
 * stops it with a checkpoint.
 */
public final class SftJob {

  private static final int GRACE_SECONDS = 60;
  private static final Duration PACE = Duration.ofMinutes(3);

  private final RunConfig config;
  private final SftSettings settings;
  private final PrintWriter words;
  private final InstantSource clock = InstantSource.system();
  private volatile boolean interrupted;

  /** A job that reports to {@code words}. */
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
      Optional<RateSweep> next = new Rate(inputs, state, sweep, metrics, terminal).train();
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
    try (Adam untouched = SupervisedCheckpoint.start(inputs.reference(), settings.compute())) {
      OptionalDouble loss = heldOutLoss(untouched.network(), inputs);
      loss.ifPresent(
          nats ->
              terminal.say(
                  String.format(Locale.ROOT, "untouched: %.4f nats a token held out", nats)));
      return loss;
    }
  }

  private OptionalDouble heldOutLoss(Network net, SftInputs inputs) {
    int atOnce = settings.training().microBatch();
    return LanguageTrainer.measure(
        net, Demonstrations.measurement(inputs.heldOut(), atOnce), () -> interrupted);
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
    try {
      Files.writeString(settings.out().resolve("README.md"), modelCard(inputs, untouched, sweep));
      Files.copy(directory.metrics(), settings.out().resolve("metrics.jsonl"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + settings.out(), e);
    }
    state.deleteWeights();
    words.printf(
        Locale.ROOT,
        "Held out      %.4f -> %.4f nats a token, learning rate %.3g%n",
        untouched,
        best.loss(),
        best.rate());
    words.printf("Model         %s%n", settings.out());
    words.flush();
  }

  /** What the model was made from and how, as the README of its directory. */
  private String modelCard(SftInputs inputs, double untouched, RateSweep sweep) {
    String preset = config.config().getString("plaudit.preset");
    StringBuilder tried = new StringBuilder();
    for (RateSweep.Result result : sweep.results()) {
      boolean chosen = sweep.best().filter(result::equals).isPresent();
      String loss = Double.isFinite(result.loss()) ? "%.4f" : "diverged";
      tried.append(
          String.format(
              Locale.ROOT,
              "| %.3g | " + loss + " | %s |\n",
              result.rate(),
              result.loss(),
              chosen ? "chosen" : ""));
    }
    return String.format(
        Locale.ROOT,
        """
        # %s

        A language model fine-tuned on demonstrations with `plaudit sft`.

        | | |
        |---|---|
        | made from | %s |
        | parameters | %,d |
        | data | %s: %s |
        | passes over the data | %d |
        | demonstrations a step | %d |
        | dropout | %s |
        | optimizer | Adam 0.9, 0.999, 1e-5; cosine to 0 |
        | seed | %d |
        | task | %s |

        Mean nats a token on what was held out:

        | learning rate | loss | |
        |---|---|---|
        | untouched | %.4f | |
        %s
        `metrics.jsonl` has the loss of every step.
        """,
        settings.out().toAbsolutePath().getFileName(),
        inputs.reference().directory().path(),
        inputs.reference().config().parameters(),
        config.config().getString("plaudit.run.data"),
        inputs.origin(),
        settings.training().epochs(),
        settings.training().batch(),
        settings.training().dropout(),
        settings.training().seed(),
        preset.isEmpty() ? "none" : preset,
        untouched,
        tried);
  }

  /**
   * One learning rate of the sweep: trained from the beginning or a checkpoint, measured, kept if
   * best.
   */
  private final class Rate implements TrainingObserver {

    private final SftInputs inputs;
    private final SftState state;
    private final RateSweep sweep;
    private final double rate;
    private final MetricsLog metrics;
    private final ProgressLine terminal;
    private final Eta eta = new Eta(PACE);
    private final Adam optimizer;
    private Instant saved = clock.instant();
    private double mean = Double.NaN;
    private long tokensSeen;

    Rate(
        SftInputs inputs,
        SftState state,
        RateSweep sweep,
        MetricsLog metrics,
        ProgressLine terminal) {
      this.inputs = inputs;
      this.state = state;
      this.sweep = sweep;
      this.rate = sweep.next().orElseThrow();
      this.metrics = metrics;
      this.terminal = terminal;
      this.optimizer =
          state.checkpoint().isOf(Double.toString(rate))
              ? state
                  .checkpoint()
                  .resume(
                      inputs.reference().config(),
                      Losses.SUPERVISED,
                      AdamSettings.paper(),
                      settings.compute())
              : SupervisedCheckpoint.start(inputs.reference(), settings.compute());
    }

    /**
     * The sweep with what came of this rate; empty if it was stopped, with a checkpoint.
     *
     * @throws TrainingDivergedException if it is the only rate and diverged; the last checkpoint
     *     stays
     */
    Optional<RateSweep> train() {
      try (optimizer) {
        Demonstrations shown = new Demonstrations(inputs.training(), settings.training(), rate);
        LanguageTrainer trainer = new LanguageTrainer(optimizer, shown);
        eta.mark(clock.instant(), 0);
        trainer.train(this);
        save(state.checkpoint());
        OptionalDouble measured =
            trainer.complete() ? heldOutLoss(optimizer.network(), inputs) : OptionalDouble.empty();
        if (measured.isEmpty()) {
          terminal.say("Stopped after step " + optimizer.steps() + " of " + shown.steps());
          return Optional.empty();
        }
        return Optional.of(done(measured.getAsDouble()));
      } catch (TrainingDivergedException e) {
        if (sweep.rates().size() == 1) {
          throw e;
        }
        terminal.say(String.valueOf(e.getMessage()));
        return Optional.of(sweep.with(Double.NaN));
      }
    }

    @Override
    public boolean stopped() {
      return interrupted;
    }

    @Override
    public void onStep(Step step) {
      mean = Double.isNaN(mean) ? step.loss() : 0.95 * mean + 0.05 * step.loss();
      tokensSeen += step.tokens();
      Instant now = clock.instant();
      eta.mark(now, (double) tokensSeen);
      Map<String, Number> line = new LinkedHashMap<>();
      line.put("sft/learning_rate", rate);
      line.put("sft/step", step.number());
      line.put("sft/loss", step.loss());
      metrics.append(line);
      terminal.show(line(step));
      if (Duration.between(saved, now).compareTo(settings.saveEvery()) >= 0) {
        save(state.checkpoint());
        saved = clock.instant();
      }
    }

    private RateSweep done(double loss) {
      RateSweep more = sweep.with(loss);
      if (more.best().filter(best -> best.rate() == rate).isPresent()) {
        save(state.best());
      }
      metrics.append(Map.of("sft/learning_rate", rate, "sft/validation_loss", loss));
      terminal.say(
          String.format(Locale.ROOT, "learning rate %.3g: %.4f nats a token held out", rate, loss));
      return more;
    }

    private void save(SupervisedCheckpoint where) {
      where.write(optimizer, Double.toString(rate));
    }

    private String line(Step step) {
      StringBuilder line =
          new StringBuilder(
              String.format(
                  Locale.ROOT,
                  "learning rate %.3g (%d of %d)  step %d/%d  loss %.3f",
                  rate,
                  sweep.results().size() + 1,
                  sweep.rates().size(),
                  step.number(),
                  step.total(),
                  mean));
      eta.perSecond()
          .ifPresent(pace -> line.append(String.format(Locale.ROOT, "  %,.0f tokens/s", pace)));
      // The rates still to come take as long as this one.
      double each = tokensSeen / (double) step.number();
      double left = (sweep.rates().size() - sweep.results().size()) * (double) step.total();
      eta.until(each * left).ifPresent(time -> line.append("  ETA ").append(Progress.clock(time)));
      return line.toString();
    }
  }
}
