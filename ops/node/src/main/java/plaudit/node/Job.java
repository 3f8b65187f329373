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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.chat.TurnReader;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.eval.verdict.ByPeople;
import plaudit.eval.verdict.Verdict;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.journal.JournalSettings;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;
import plaudit.model.Compute;
import plaudit.model.TorchNet;
import plaudit.node.Run.Outcome;
import plaudit.node.RunVerdict.Scored;
import plaudit.node.config.OutputSettings;
import plaudit.node.config.Precisions;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;
import plaudit.node.config.RunSettings;
import plaudit.node.config.SharedSettings;
import plaudit.node.labels.RunLabels;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.OnInterrupt;
import plaudit.node.run.ProgressLine;
import plaudit.node.run.RunDirectory;
import plaudit.node.run.RunIdentity;
import plaudit.node.run.RunOwner;
import plaudit.node.telemetry.Logging;
import plaudit.parallel.DataParallel;
import plaudit.policy.PolicyCheckpoint;
import plaudit.policy.PolicySettings;
import plaudit.reward.RewardSettings;
import plaudit.rewards.SourceSettings;
import plaudit.sampling.SamplerSettings;
import plaudit.scoring.ScorerSettings;

/**
 * The whole job around a run: what the base model writes before, the loops, what the tuned model
 * writes after, the models, the report, and the sentence that says what improved.
 */
public final class Job {

  private static final Logger LOG = LoggerFactory.getLogger(Job.class);
  private static final String AS_BEGUN = "the run was begun with these values";
  private static final int SHOWN = 3;
  private static final int GRACE_SECONDS = 60;

  private RunConfig config;
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
    this.config = Precisions.named(config);
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
   * @param reason why it ended early, empty if it did not
   * @param alarm whether a tripwire or a low question yield stopped the run
   * @param verdict what improved, if there was something to measure by
   */
  public record Result(
      Path directory, boolean complete, String reason, boolean alarm, Optional<Verdict> verdict) {}

  /** Runs in a new directory. */
  public Result start() throws InterruptedException {
    config = RewardCheck.withDigest(config);
    RunSettings settings = RunSettings.from(config.config());
    checkSettings();
    try (RunInputs inputs = checked(RunInputs.read(config.config()));
        RunDirectory directory =
            RunDirectory.create(
                settings.directory(),
                config.name(),
                clock,
                config.render(),
                settings.freeSpace(),
                RunOwner.from(config.config()))) {
      try {
        return logged(directory, inputs, RunIdentity.begun(directory.root(), inputs.digests()));
      } catch (RuntimeException e) {
        directory.deleteUnlessBegun();
        throw e;
      }
    }
  }

  /** Refuses what a part would refuse only after something was computed. */
  private void checkSettings() {
    Config settings = config.config();
    PolicySettings.from(settings);
    RewardSettings.from(settings).forChoices();
    ExperienceSettings.from(settings);
    DataParallel.Settings.from(settings);
    JournalSettings.from(settings);
    SamplerSettings.from(settings);
    ScorerSettings.from(settings);
    GatewaySettings.from(settings);
    PeopleEvaluation.Settings.from(settings, roles);
    OutputSettings.from(settings);
  }

  /**
   * Goes on in the directory of a run that has ended or died.
   *
   * @throws InvalidInputException if a labeler has stopped the run, unless {@link #despiteStop}; or
   *     if the model, the prompts or a setting is another that must not change
   */
  public Result resume(Path root) throws InterruptedException {
    RunSettings settings = RunSettings.from(config.config());
    checkSettings();
    Config before = RunDirectory.settings(root, List.of()).config();
    SharedSettings.refuse(
        SharedSettings.differences(SharedSettings.of(config.config()), SharedSettings.of(before)),
        AS_BEGUN);
    try (RunInputs inputs = checked(RunInputs.read(config.config()));
        RunDirectory directory =
            RunDirectory.open(root, settings.freeSpace(), RunOwner.from(config.config()))) {
      RunIdentity identity = goingOn(root, inputs, before);
      boolean ended = RunDirectory.hasEnded(root);
      directory.ended(false);
      try {
        return logged(directory, inputs, identity);
      } catch (InvalidInputException e) {
        directory.ended(ended);
        throw e;
      }
    }
  }

  /** The inputs, once it is clear that the sources of rewards can be had with them. */
  private RunInputs checked(RunInputs inputs) {
    try {
      RewardCheck.of(config.config(), roles, inputs);
      MemoryForecast.of(config.config(), inputs.reference().config(), roles)
          .require(MemoryForecast.ofMachine());
      return inputs;
    } catch (RuntimeException e) {
      inputs.close();
      throw e;
    }
  }

  /**
   * The run's identity with what this process changes; a change is told, and kept once it holds.
   */
  private RunIdentity goingOn(Path root, RunInputs inputs, Config before) {
    RunIdentity identity = RunIdentity.of(root).orElseGet(() -> adopted(root, inputs));
    SharedSettings.refuse(
        SharedSettings.differences(inputs.digests(), identity.digests()), AS_BEGUN);
    Optional<Path> original = identity.copiedFrom(root);
    StoreSettings store = GatewaySettings.from(config.config()).store();
    if (original.isPresent() && roles.contains(Role.GATEWAY) && !store.isFile()) {
      throw InvalidInputException.of(
          "plaudit.gateway.store.url",
          store + ", the label store of " + original.get(),
          "another one: " + root + " is a copy of that run");
    }
    identity = identity.at(root);
    long made =
        PolicyCheckpoint.newest(RunDirectory.checkpointsOf(root))
            .map(PolicyCheckpoint::version)
            .orElse(0L);
    for (SharedSettings.Difference change :
        SharedSettings.differences(
            SharedSettings.changeable(config.config()), SharedSettings.changeable(before))) {
      out.printf("Changed       %s: %s -> %s%n", change.key(), change.expected(), change.own());
      identity =
          identity.with(
              new RunIdentity.Change(
                  clock.instant().toString(), made, change.key(), change.expected(), change.own()));
    }
    double rate = PolicySettings.from(before).schedule().at(made);
    double now = PolicySettings.from(config.config()).schedule().at(made);
    if (rate != now) {
      out.printf(
          Locale.ROOT,
          "Changed       learning rate of update %d: %.3g -> %.3g%n",
          made + 1,
          rate,
          now);
    }
    return identity;
  }

  /** A run that an earlier release began has no identity yet. */
  private static RunIdentity adopted(Path root, RunInputs inputs) {
    RunIdentity identity = RunIdentity.begun(root, inputs.digests());
    identity.write(root);
    return identity;
  }

  private Result logged(RunDirectory directory, RunInputs inputs, RunIdentity identity)
      throws InterruptedException {
    OnInterrupt interrupt = OnInterrupt.call(() -> interrupted = true, GRACE_SECONDS);
    try (Logging.LogFile log = Logging.toFile(directory.log())) {
      try {
        return go(directory, inputs, identity);
      } catch (RuntimeException e) {
        LOG.info("the run failed", e); // the terminal has its message alone
        throw e;
      }
    } finally {
      interrupt.over();
    }
  }

  private Result go(RunDirectory directory, RunInputs inputs, RunIdentity identity)
      throws InterruptedException {
    Config settings = config.config();
    Compute compute =
        Compute.cpu(Runtime.getRuntime().availableProcessors())
            .with(SamplerSettings.from(settings).compute().precision());
    PolicySettings ppo = PolicySettings.from(settings);
    long seed = settings.getLong("plaudit.run.seed");
    Optional<LexiconPreference> preference =
        SourceSettings.from(settings).asksPeople()
            ? VendorPlan.from(settings).preference()
            : Optional.empty();
    introduce(directory, inputs);

    Optional<Evaluation> before = Optional.empty();
    if (preference.isPresent()) { // else people wait for the first question
      Instant start = clock.instant();
      try (TorchNet base = inputs.reference().net(compute)) {
        before = Optional.of(Evaluation.of(base, inputs, seed));
      }
      durations.put("Base model on held-out prompts", since(start));
      show(inputs, "base", before.get(), seed, preference);
    }

    Instant start = clock.instant();
    Outcome outcome;
    try (ProgressLine terminal = ProgressLine.suited(out, clock)) {
      outcome =
          new Run(
                  config,
                  roles,
                  directory,
                  identity,
                  inputs,
                  terminal,
                  out,
                  () -> interrupted,
                  letGoOnBy)
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
      Outcome outcome)
      throws InterruptedException {
    long seed = config.config().getLong("plaudit.run.seed");
    RunOutput output = new RunOutput(directory, inputs, OutputSettings.from(config.config()));
    Optional<PolicyCheckpoint> checkpoint = PolicyCheckpoint.newest(directory.checkpoints());
    Optional<Scored> old = Optional.empty();
    Optional<Scored> tuned = Optional.empty();
    Optional<Verdict> verdict = Optional.empty();
    List<String> notes = new ArrayList<>();
    Instant start = clock.instant();
    if (checkpoint.isPresent()) {
      output.writePolicy(checkpoint.get());
      if (ppo.algorithm().lora().on()) {
        output.writeAdapter(checkpoint.get(), ppo.algorithm().lora());
      }
      output.writeReward();
      if (!interrupted && outcome.version() > 0) {
        try (TorchNet policy = output.tuned(checkpoint.get(), compute);
            TorchNet base = inputs.reference().net(compute);
            Measures measures = Measures.open(config.config(), inputs, directory, compute)) {
          RunVerdict measure =
              new RunVerdict(
                  inputs,
                  ppo,
                  preference,
                  measures.source(),
                  config.config().getInt("plaudit.run.best-of"),
                  seed);
          Evaluation written = Evaluation.of(policy, inputs, seed);
          Evaluation base0 = before.orElseGet(() -> Evaluation.of(base, inputs, seed));
          written.write(directory.tunedTexts());
          base0.write(directory.baseTexts());
          try {
            List<Scored> scored = measure.scored(base0, written);
            old = Optional.of(scored.get(0));
            tuned = Optional.of(scored.get(1));
            verdict =
                measure.of(
                    old.get(),
                    tuned.get(),
                    base,
                    MetricsLog.readLine(directory.metrics()),
                    outcome.monitor().trainings().stream().reduce((a, b) -> b),
                    config.config().getInt("plaudit.scorer.choices"));
          } catch (IllegalStateException e) {
            notes.add("No verdict: the run's reward gave no scores: " + e.getMessage());
          }
          if (before.isEmpty()) {
            show(inputs, "base", base0, seed, preference);
          }
          show(inputs, "tuned", written, seed, preference);
          durations.put("Tuned model on held-out prompts", since(start));
          Optional<PeopleEvaluation.Settings> people =
              PeopleEvaluation.Settings.from(config.config(), roles);
          if (verdict.isPresent() && people.isPresent()) {
            start = clock.instant();
            verdict =
                Optional.of(
                    verdict
                        .get()
                        .with(people(people.get(), directory, measure, base0, written, outcome)));
            durations.put("People on held-out prompts", since(start));
          }
        }
      }
    }
    if (checkpoint.isPresent()) {
      output.writeCard(inputs.origin(), settingsShown(inputs, ppo), verdict.map(Verdict::sentence));
    }
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
    RunReportWriter report =
        new RunReportWriter(directory, ppo, settingsShown(inputs, ppo), seed, inputs.turnReader());
    try {
      report.write(
          "Plaudit " + config.name(),
          subtitle(inputs, outcome),
          notes,
          verdict,
          old,
          tuned,
          durations);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + directory.report(), e);
    }
    notes.forEach(out::println);
    if (outcome.monitor().yielded().responses() > 0) {
      out.printf("Questions     %s%n", outcome.monitor().yielded().words());
    }
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
    return new Result(
        directory.root(), outcome.complete(), outcome.reason(), outcome.alarm(), verdict);
  }

  private ByPeople people(
      PeopleEvaluation.Settings settings,
      RunDirectory directory,
      RunVerdict measure,
      Evaluation base,
      Evaluation tuned,
      Outcome outcome)
      throws InterruptedException {
    int draws = tuned.draws();
    List<Integer> places =
        settings.places(tuned.written().size() / draws).stream().map(it -> it * draws).toList();
    List<ResponseSet> sets =
        places.stream()
            .map(
                i ->
                    new ResponseSet(
                        tuned.written().get(i).prompt(),
                        List.of(base.texts().get(i), tuned.texts().get(i))))
            .toList();
    outcome.monitor().phase("people compare base and tuned");
    return new PeopleEvaluation(
            config.config(),
            RunLabels.settings(config.config(), directory),
            outcome.version(),
            () -> interrupted)
        .judge(settings, sets, measure.rewards(base, tuned, places), outcome.monitor(), out);
  }

  private void introduce(RunDirectory directory, RunInputs inputs) {
    out.printf(
        Locale.ROOT,
        "Model         %s (%,d parameters)%n",
        inputs.reference().directory().path(),
        inputs.reference().config().parameters());
    inputs
        .reference()
        .valueHead()
        .ifPresent(head -> out.printf("Value head    begins as the model's %s%n", head));
    out.printf(
        "Prompts       %d to train on, %d held out; %s%n",
        inputs.prompts().size(), inputs.heldOut().size(), inputs.origin());
    out.printf("Precision     %s%n", Precisions.words(config.config()));
    out.printf("Run           %s%n", directory.root());
    out.flush();
  }

  private void show(
      RunInputs inputs,
      String model,
      Evaluation evaluation,
      long seed,
      Optional<LexiconPreference> preference) {
    Optional<TurnReader> turns = inputs.turnReader();
    out.println();
    out.printf(
        "The %s model writes (%d of %d texts, drawn at random):%n",
        model, Math.min(SHOWN, evaluation.written().size()), evaluation.written().size());
    for (int i : evaluation.drawn(SHOWN, seed)) {
      Evaluation.Written w = evaluation.written().get(i);
      out.printf(
          "  %s%n    -> %s%s%n",
          oneLine(prompt(turns, w.prompt())),
          oneLine(w.text()),
          preference
              .map(it -> String.format(Locale.ROOT, "  (%+.2f)", it.score(w.text())))
              .orElse(""));
    }
    out.println();
    out.flush();
  }

  /** A conversation without its template's marks, or the text as it is. */
  private static String prompt(Optional<TurnReader> turns, String text) {
    return turns
        .flatMap(it -> it.turns(text))
        .map(
            it ->
                it.turns().stream()
                    .map(turn -> turn.role() + ": " + turn.content())
                    .collect(Collectors.joining(" / ")))
        .orElse(text);
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private void tell(Verdict verdict) {
    var difference = verdict.difference();
    out.printf(
        Locale.ROOT,
        "Held out      mean score %+.3f -> %+.3f (difference %+.3f, 95%% CI over prompts %+.3f to"
            + " %+.3f; Cohen's d %.2f)%n",
        difference.baseMean(),
        difference.tunedMean(),
        difference.mean(),
        difference.low(),
        difference.high(),
        difference.effect());
    out.printf(
        Locale.ROOT,
        "Win rate      %.1f %% of %d texts against the base model (95%% CI over prompts %.1f to"
            + " %.1f %%, ties half)%n",
        100 * verdict.rate().mean(),
        verdict.winRate().prompts(),
        100 * verdict.rate().low(),
        100 * verdict.rate().high());
    out.printf(
        Locale.ROOT,
        "KL            %.2f nats a response%s%s%n",
        verdict.kl(),
        verdict.klTarget().isPresent()
            ? String.format(Locale.ROOT, " (target %.1f)", verdict.klTarget().getAsDouble())
            : "",
        verdict.nearTarget().isPresent()
            ? String.format(
                Locale.ROOT,
                "; within 20 %% of it in %.0f %% of the updates",
                100 * verdict.nearTarget().getAsDouble())
            : "");
    verdict
        .best()
        .ifPresent(
            it ->
                out.printf(
                    Locale.ROOT,
                    "Best of %-5d %.3f at KL %.2f, chosen by the reward model; the tuned model has"
                        + " %.3f on these %d prompts%n",
                    it.n(),
                    it.score().mean(),
                    it.kl(),
                    it.tuned(),
                    it.prompts()));
    Verdict.Texts base = verdict.base();
    Verdict.Texts tuned = verdict.tuned();
    out.printf(
        Locale.ROOT,
        "Variety       distinct-1 %.3f -> %.3f, distinct-2 %.3f -> %.3f, repeated pairs %.3f ->"
            + " %.3f%n",
        base.diversity().distinct1(),
        tuned.diversity().distinct1(),
        base.diversity().distinct2(),
        tuned.diversity().distinct2(),
        base.diversity().repetition(),
        tuned.diversity().repetition());
    out.printf(
        Locale.ROOT,
        "Texts         %.1f -> %.1f words; entropy %.2f -> %.2f, under the base %.2f -> %.2f nats a"
            + " token%n",
        base.diversity().words(),
        tuned.diversity().words(),
        base.entropy(),
        tuned.entropy(),
        base.underBase(),
        tuned.underBase());
    verdict
        .word()
        .ifPresent(
            it ->
                out.printf(
                    Locale.ROOT,
                    "Word          \"%s\" in %.0f %% -> %.0f %% of the texts%n",
                    it.word(),
                    100 * it.base(),
                    100 * it.tuned()));
    verdict
        .people()
        .ifPresent(
            it -> {
              out.printf("People        %s%n", it.words());
              it.agreement().ifPresent(how -> out.printf("Agreement     %s%n", how));
            });
    verdict.accuracy().ifPresent(it -> out.printf("Reward model  %s%n", it));
    verdict.overOptimised().ifPresent(out::println);
    out.printf("Verdict       %s%n", verdict.sentence());
  }

  /** The run's source of rewards, if it gives scores. */
  private record Measures(Optional<SourceScores> source) implements AutoCloseable {

    static Measures open(Config config, RunInputs inputs, RunDirectory directory, Compute compute) {
      return new Measures(SourceScores.open(config, inputs, directory, compute));
    }

    @Override
    public void close() {
      source.ifPresent(SourceScores::close);
    }
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
