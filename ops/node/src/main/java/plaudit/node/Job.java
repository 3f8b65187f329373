package plaudit.node;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import plaudit.eval.report.RunReport.Verdict;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;
import plaudit.model.Compute;
import plaudit.model.TorchNet;
import plaudit.node.Run.Outcome;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.config.RunSettings;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.telemetry.Logging;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;

/**
 * The whole job around a run: what the base model writes before, the loops, what the tuned model
 * writes after, the models, the report, and the sentence that says what improved.
 */
public final class Job {

  private static final int SHOWN = 3;
  private static final int GRACE_SECONDS = 60;

  private final RunConfig config;
  private final Set<Role> roles;
  private final PrintWriter out;
  private final InstantSource clock = InstantSource.system();
  private final Map<String, Duration> durations = new LinkedHashMap<>();
  private Optional<String> letGoOnBy = Optional.empty();
  private volatile boolean interrupted;

  /** A job that reports to {@code out}. */
  public Job(RunConfig config, PrintWriter out) {
    this(config, Role.all(), out);
  }

  /** A job whose samplers, scorers or gateways may be on other nodes. */
  public Job(RunConfig config, Set<Role> roles, PrintWriter out) {
    this.config = config;
    this.roles = Set.copyOf(roles);
    this.out = out;
  }

  /** Lets the run go on, under the operator's name, if a labeler has stopped it. */
  public Job despiteStop(String operator) {
    letGoOnBy = Optional.of(operator);
    return this;
  }

  /**
   * How a job ended.
   *
   * @param directory of the run
   * @param complete whether all updates were made
   * @param alarm whether a tripwire stopped the run
   * @param verdict what improved, if there was something to measure by
   */
  public record Result(
      Path directory, boolean complete, boolean alarm, Optional<Verdict> verdict) {}

  /** Runs in a new directory. */
  public Result start() throws InterruptedException {
    RunSettings settings = RunSettings.from(config.config());
    try (RunInputs inputs = RunInputs.read(config.config());
        RunDirectory directory =
            RunDirectory.create(
                settings.directory(),
                config.name(),
                clock,
                config.render(),
                settings.freeSpace())) {
      return logged(directory, inputs);
    }
  }

  /**
   * Goes on in the directory of a run that has ended or died.
   *
   * @throws InvalidInputException if a labeler has stopped the run, unless {@link #despiteStop}
   */
  public Result resume(Path root) throws InterruptedException {
    RunSettings settings = RunSettings.from(config.config());
    try (RunInputs inputs = RunInputs.read(config.config());
        RunDirectory directory = RunDirectory.open(root, settings.freeSpace())) {
      boolean ended = RunDirectory.hasEnded(root);
      directory.ended(false);
      try {
        return logged(directory, inputs);
      } catch (InvalidInputException e) {
        directory.ended(ended);
        throw e;
      }
    }
  }

  private Result logged(RunDirectory directory, RunInputs inputs) throws InterruptedException {
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted = true, GRACE_SECONDS);
    try (Logging.LogFile log = Logging.toFile(directory.log())) {
      return go(directory, inputs);
    } finally {
      interrupt.over();
    }
  }

  private Result go(RunDirectory directory, RunInputs inputs) throws InterruptedException {
    Config settings = config.config();
    Compute compute = new Compute("cpu", Runtime.getRuntime().availableProcessors());
    PolicySettings ppo = PolicySettings.from(settings);
    long seed = settings.getLong("plaudit.run.seed");
    Optional<LexiconPreference> preference = VendorPlan.from(settings).preference();
    introduce(directory, inputs);

    Optional<Evaluation> before = Optional.empty();
    if (preference.isPresent()) {
      Instant start = clock.instant();
      try (TorchNet base = inputs.reference().net(compute)) {
        before = Optional.of(Evaluation.of(base, inputs, preference.get(), seed));
      }
      durations.put("Base model on held-out prompts", since(start));
      show("The base model writes:", before.get());
    }

    Instant start = clock.instant();
    Outcome outcome;
    try (ProgressLine terminal = ProgressLine.suited(out, clock)) {
      outcome =
          new Run(config, roles, directory, inputs, terminal, out, () -> interrupted, letGoOnBy)
              .run();
    }
    durations.put("The two loops", since(start));
    return finish(directory, inputs, ppo, compute, preference, before, outcome);
  }

  private Result finish(
      RunDirectory directory,
      RunInputs inputs,
      PolicySettings ppo,
      Compute compute,
      Optional<LexiconPreference> preference,
      Optional<Evaluation> before,
      Outcome outcome) {
    long seed = config.config().getLong("plaudit.run.seed");
    RunOutput output = new RunOutput(directory, inputs);
    Optional<PolicyCheckpoint> checkpoint = PolicyCheckpoint.newest(directory.checkpoints());
    Optional<Evaluation> after = Optional.empty();
    Optional<Verdict> verdict = Optional.empty();
    Instant start = clock.instant();
    if (checkpoint.isPresent()) {
      output.writePolicy(checkpoint.get());
      output.writeReward();
      if (preference.isPresent() && before.isPresent() && !interrupted) {
        try (TorchNet tuned = output.tuned(checkpoint.get(), compute);
            TorchNet base = inputs.reference().net(compute)) {
          Evaluation written = Evaluation.of(tuned, inputs, preference.get(), seed);
          double kl = written.kl(base);
          after = Optional.of(written);
          verdict = Optional.of(RunReportWriter.verdict(before.get(), written, kl, ppo));
        }
        durations.put("Tuned model on held-out prompts", since(start));
      }
    }
    after.ifPresent(a -> show("The tuned model writes:", a));
    List<String> notes = new ArrayList<>();
    Optional<LabelStore.Stop> stop = outcome.monitor().stop();
    if (!outcome.complete()) {
      notes.add(
          "The run stopped after %d of %d updates%s."
              .formatted(
                  outcome.version(),
                  ppo.updates(),
                  outcome.reason().isEmpty() ? "" : ": " + outcome.reason()));
    }
    stop.ifPresent(
        it ->
            notes.add(
                "A labeler has the run stopped: %s, since %s: %s"
                    .formatted(it.by(), it.since().truncatedTo(ChronoUnit.SECONDS), it.reason())));
    RunReportWriter report = new RunReportWriter(directory, ppo, settingsShown(inputs, ppo));
    try {
      report.write(
          "Plaudit " + config.name(),
          subtitle(inputs, outcome),
          notes,
          verdict,
          before,
          after,
          durations);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + directory.report(), e);
    }
    notes.forEach(out::println);
    verdict.ifPresent(this::tell);
    out.printf("Report        %s%n", directory.report());
    out.printf("Tuned model   %s%n", directory.policy());
    if (!outcome.complete()) {
      out.printf(
          "Go on with    plaudit run --resume %s%s%n",
          directory.root(), stop.isPresent() ? " --despite-stop" : "");
    }
    out.flush();
    directory.ended(true);
    return new Result(directory.root(), outcome.complete(), outcome.alarm(), verdict);
  }

  private void introduce(RunDirectory directory, RunInputs inputs) {
    out.printf(
        Locale.ROOT,
        "Model         %s (%,d parameters)%n",
        inputs.reference().directory().path(),
        inputs.reference().config().parameters());
    out.printf(
        "Prompts       %d to train on, %d held out; %s%n",
        inputs.prompts().size(), inputs.heldOut().size(), inputs.origin());
    out.printf("Run           %s%n", directory.root());
    out.flush();
  }

  private void show(String title, Evaluation evaluation) {
    out.println();
    out.println(title);
    int stride = Math.max(1, evaluation.written().size() / SHOWN);
    for (int i = 0; i < evaluation.written().size() && i < SHOWN * stride; i += stride) {
      Evaluation.Written w = evaluation.written().get(i);
      out.printf(
          Locale.ROOT,
          "  %s%n    -> %s  (%+.2f)%n",
          oneLine(w.prompt()),
          oneLine(w.text()),
          w.score());
    }
    out.println();
    out.flush();
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private void tell(Verdict verdict) {
    var difference = verdict.difference();
    var wins = verdict.winRate().rate();
    out.printf(
        Locale.ROOT,
        "Held out      mean valence %+.3f -> %+.3f (difference %+.3f, 95%% CI %+.3f to %+.3f;"
            + " Cohen's d %.2f)%n",
        difference.baseMean(),
        difference.tunedMean(),
        difference.mean(),
        difference.low(),
        difference.high(),
        difference.effect());
    out.printf(
        Locale.ROOT,
        "Win rate      %.1f %% of %d texts against the base model (95%% CI %.1f to %.1f %%, ties"
            + " half)%n",
        100 * wins.share(),
        verdict.winRate().prompts(),
        100 * wins.low(),
        100 * wins.high());
    out.printf(
        Locale.ROOT,
        "KL            %.2f nats a response%s%n",
        verdict.kl(),
        verdict.klTarget().isPresent()
            ? String.format(Locale.ROOT, " (target %.1f)", verdict.klTarget().getAsDouble())
            : "");
  }

  private String subtitle(RunInputs inputs, Outcome outcome) {
    return "%s, %d updates, %s"
        .formatted(
            inputs.reference().directory().path().getFileName(),
            outcome.version(),
            clock.instant().truncatedTo(ChronoUnit.MINUTES));
  }

  private Map<String, String> settingsShown(RunInputs inputs, PolicySettings ppo) {
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("Model", inputs.reference().directory().path().toString());
    shown.put("Prompts", inputs.prompts().size() + " and " + inputs.heldOut().size() + " held out");
    shown.put("Response", inputs.task().responseLength() + " tokens");
    shown.put("Temperature", Float.toString(inputs.task().temperature()));
    shown.put("Batch", ppo.batch() + " episodes, " + ppo.epochs() + " epochs");
    shown.put("Learning rate", Double.toString(ppo.learningRate()));
    shown.put("Asynchrony (eta)", config.config().getString("plaudit.experience.eta"));
    shown.put("Seed", config.config().getString("plaudit.run.seed"));
    return shown;
  }

  private Duration since(Instant start) {
    return Duration.between(start, clock.instant());
  }
}
