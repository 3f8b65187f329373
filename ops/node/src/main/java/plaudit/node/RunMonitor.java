package plaudit.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.chat.TurnReader;
import plaudit.experience.QuestionYield;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.gateway.http.RunView;
import plaudit.json.JsonFiles;
import plaudit.labels.actor.LabelStore;
import plaudit.node.RunStatusActor.ScorerReport;
import plaudit.node.config.SharedSettings.Difference;
import plaudit.node.run.Eta;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.Progress;
import plaudit.node.run.Waiting;
import plaudit.node.telemetry.ResidentMemory;
import plaudit.policy.PolicySettings;
import plaudit.policy.UpdateReport;
import plaudit.rewards.SourceMonitor;
import plaudit.snapshots.Model;
import plaudit.snapshots.actor.SnapshotRegistry.AppliedListener;
import plaudit.stats.Agreement;
import plaudit.stats.Wins;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.PaceReport;
import plaudit.training.TrainingObserver.RewardReport;
import plaudit.training.TrainingObserver.Step;

/**
 * What is known of the run right now: hears both learners, appends to {@code metrics.jsonl}, and
 * answers the terminal and the console. Safe to use from many threads.
 */
public final class RunMonitor implements RunView, TrainingObserver, AppliedListener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RunMonitor.class);
  private static final int KEPT_SAMPLES = 40;
  private static final int LINES_AT_ONCE = 1000;
  private static final String COLLECTING = "collecting labels";
  private static final String LEARNING = "learning";
  private static final String WAITING = "waiting for labels";
  private static final String STOPPED = "STOPPED";

  /** Responses for questions after which their yield is judged, again and again. */
  private static final long ENOUGH_RESPONSES = 1000;

  /** A scorer that has said nothing for so long has gone, with its trouble. */
  private static final Duration SILENT_SCORER = Duration.ofSeconds(10);

  private static final double MIB = 1 << 20;
  private static final String CLEAR = "POST /v1/andon:clear";

  private final String name;
  private final RunInputs inputs;
  private final Optional<TurnReader> turns;
  private final PolicySettings settings;
  private final long labelsWanted;
  private final double leastYield;
  private final Optional<LexiconPreference> preference;
  private final MetricsLog log;
  private final StageTimes times;
  private final MultiGauge held;
  private final MultiGauge heldOldest;
  private final Counter refusals;
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final InstantSource clock;
  private final Instant start;
  private final Eta eta = new Eta(Duration.ofMinutes(1));
  private final List<String> samples = new ArrayList<>();
  private final List<RewardReport> trainings = new ArrayList<>();
  private Optional<Step> training = Optional.empty();
  private Optional<String> doubt = Optional.empty();
  private String phase;
  private long update;
  private PaceReport slow;
  private Optional<UpdateReport> last = Optional.empty();
  private Instant lastUpdate;
  private double rolloutsPerSecond;
  private Optional<LabelStore.Stop> stop = Optional.empty();
  private String labelAt = "";
  private double slowestApplied;
  private QuestionYield yielded = QuestionYield.NONE;
  private QuestionYield judged = QuestionYield.NONE;
  private Optional<String> tooFewQuestions = Optional.empty();
  private final Map<String, SourceMonitor.Total> sources = new TreeMap<>();
  private final Map<String, Trouble> troubles = new TreeMap<>();

  /**
   * A monitor of a run that starts now.
   *
   * @param leastYield the share of responses for questions below which the run is to stop
   * @param preference the hidden preference, to see whether the reward model leads away from it
   * @param log with the lines of earlier parts of the run; closed with the monitor
   */
  public RunMonitor(
      String name,
      RunInputs inputs,
      PolicySettings settings,
      long labelsWanted,
      double leastYield,
      Optional<LexiconPreference> preference,
      MetricsLog log,
      MeterRegistry meters,
      InstantSource clock) {
    this.name = name;
    this.inputs = inputs;
    this.turns = inputs.turnReader();
    this.settings = settings;
    this.labelsWanted = labelsWanted;
    this.leastYield = leastYield;
    this.preference = preference;
    this.log = log;
    this.slow = new PaceReport(LabelStore.Status.EMPTY, false, Wins.NONE, Agreement.NONE);
    this.clock = clock;
    this.start = clock.instant();
    this.lastUpdate = start;
    this.phase = labelsWanted == 0 ? LEARNING : COLLECTING;
    this.times = new StageTimes(meters, start);
    this.held =
        MultiGauge.builder("plaudit.labels.held")
            .description("Tasks on lease to a vendor's labelers")
            .register(meters);
    this.heldOldest =
        MultiGauge.builder("plaudit.labels.held.oldest")
            .description("How long a vendor's labelers have held the task that they hold longest")
            .baseUnit("seconds")
            .register(meters);
    this.refusals =
        Counter.builder("plaudit.run.refusals")
            .description("Nodes that asked to work for the run and differ from it")
            .register(meters);
    Gauge.builder("plaudit.run.stopped", this, it -> it.stop().isPresent() ? 1 : 0)
        .description("1 while a labeler has the run stopped")
        .register(meters);
  }

  private record Trouble(String words, Instant since, Instant heard) {}

  /** So many preferences are in the store already. */
  public synchronized void labels(long preferences) {
    LabelStore.Status store = new LabelStore.Status(0, 0, 0, preferences, 0, false);
    slow = new PaceReport(store, false, Wins.NONE, Agreement.NONE);
  }

  /** A node asked to work for the run and may not. */
  void refused(RunStatusActor.Join join, List<Difference> differences) {
    String words = String.join("; ", differences.stream().map(Difference::toString).toList());
    LOG.warn("[{}] ({}) may not work for the run: {}", join.node(), join.build(), words);
    refusals.increment();
    synchronized (this) {
      refused.put(join.node(), words);
    }
  }

  /** Where people label. */
  public synchronized void labelAt(String url) {
    labelAt = url;
  }

  /** What has become of the responses for questions since this process began. */
  public synchronized void yielded(QuestionYield total) {
    yielded = total;
    QuestionYield recent = total.minus(judged);
    if (recent.responses() >= ENOUGH_RESPONSES) {
      judged = total;
      tooFewQuestions = tooFewQuestions.or(() -> recent.tooLow(leastYield, ENOUGH_RESPONSES));
    }
  }

  /** What became of the responses for questions. */
  public synchronized QuestionYield yielded() {
    return yielded;
  }

  /** Why the run is to stop: hardly any response can be shown to people. */
  public synchronized Optional<String> tooFewQuestions() {
    return tooFewQuestions;
  }

  /** A labeler's stop, empty if the run is not stopped. */
  public synchronized void runStopped(Optional<LabelStore.Stop> now) {
    stop = now;
  }

  /** A labeler's stop, if the run is stopped. */
  public synchronized Optional<LabelStore.Stop> stop() {
    return stop;
  }

  /** How an operator lets a stopped run go on. */
  public synchronized String howToGoOn() {
    return labelAt.isEmpty() ? CLEAR : "%s/console, or %s".formatted(labelAt, CLEAR);
  }

  /** What a scorer's sources of rewards give goes into the line of the next update. */
  synchronized void scorerReport(ScorerReport report) {
    for (SourceMonitor.Total one : report.totals()) {
      sources.merge(
          one.source(),
          one,
          (a, b) -> new SourceMonitor.Total(a.source(), a.sum() + b.sum(), a.count() + b.count()));
    }
    Instant now = clock.instant();
    if (report.trouble().isEmpty()) {
      troubles.remove(report.node());
    } else {
      troubles.put(report.node(), new Trouble(report.trouble(), now.minus(report.lasts()), now));
    }
  }

  /** Trouble that a scorer still reports, the longest first, in words. */
  private Optional<Trouble> trouble() {
    Instant oldest = clock.instant().minus(SILENT_SCORER);
    return troubles.values().stream()
        .filter(it -> it.heard().isAfter(oldest))
        .min(Comparator.comparing(Trouble::since));
  }

  /** Why the run is to stop, if neither scores nor an update have come for {@code limit}. */
  synchronized Optional<String> withoutScores(Duration limit) {
    Instant latest = clock.instant().minus(limit);
    return trouble()
        .filter(it -> it.since().isBefore(latest) && lastUpdate.isBefore(latest))
        .map(it -> "no scores for %s: %s".formatted(Progress.clock(limit), it.words()));
  }

  private synchronized void takeSources(Map<String, Number> line) {
    sources.values().forEach(it -> line.put("reward/source/" + it.source(), it.sum() / it.count()));
    sources.clear();
  }

  /** Goes into the line of the next update: the slowest of those who applied the version. */
  @Override
  public synchronized void onApplied(Model model, long version, String by, Duration after) {
    if (model == Model.POLICY) {
      slowestApplied = Math.max(slowestApplied, after.toNanos() / 1e9);
    }
  }

  private synchronized OptionalDouble takeSlowestApplied() {
    OptionalDouble slowest =
        slowestApplied > 0 ? OptionalDouble.of(slowestApplied) : OptionalDouble.empty();
    slowestApplied = 0;
    return slowest;
  }

  @Override
  public void onUpdate(UpdateReport report, List<Trajectory> batch) {
    Instant now = clock.instant();
    synchronized (this) {
      double seconds = Math.max(1e-3, Duration.between(lastUpdate, now).toMillis() / 1e3);
      double rate = settings.batch() / seconds;
      rolloutsPerSecond = rolloutsPerSecond == 0 ? rate : 0.8 * rolloutsPerSecond + 0.2 * rate;
      lastUpdate = now;
      last = Optional.of(report);
      update = report.version();
      phase = phase.equals(WAITING) || phase.equals(COLLECTING) ? LEARNING : phase;
      eta.mark(now, (double) update);
    }
    Map<String, Number> line = new LinkedHashMap<>();
    line.put("update", report.version());
    line.put("seconds", Duration.between(start, now).toMillis() / 1e3);
    line.put("reward", report.get("objective/score"));
    preference.ifPresent(it -> line.put("judge/score", judged(it, batch)));
    line.put("kl", report.get("objective/kl"));
    line.put("klTarget", settings.kl().target());
    line.put("beta", report.get("policy/beta"));
    line.put("labels", slow().labels());
    if (slow().wins().judged() > 0) {
      line.put("winRate", slow().wins().rate().share());
    }
    line.put("staleness", report.get("async/staleness_mean"));
    line.put("rolloutsPerSecond", rolloutsPerSecond);
    line.putAll(report.numbers());
    takeSources(line);
    takeSlowestApplied().ifPresent(seconds -> line.put("async/publish_to_applied", seconds));
    yieldInto(line);
    line.putAll(times.sinceLast(now));
    line.put("memory/resident_mib", ResidentMemory.bytes() / MIB);
    line.put("memory/heap_mib", usedHeap() / MIB);
    append(line);
    sample(batch.get((int) (report.version() % batch.size())));
  }

  /** Of the reward model's training. */
  @Override
  public synchronized void onStep(Step step) {
    training = Optional.of(step);
  }

  @Override
  public void onTraining(RewardReport report) {
    Map<String, Number> line = new LinkedHashMap<>();
    line.put("seconds", Duration.between(start, clock.instant()).toMillis() / 1e3);
    line.put("reward/version", report.version());
    line.put("reward/labels", report.labels());
    line.put("reward/loss_first", report.firstLoss());
    line.put("reward/loss_last", report.lastLoss());
    line.put("reward/agreement", report.trainingAgreement().accuracy().share());
    line.put("reward/held_out_agreement", report.heldOut().accuracy().share());
    line.put("reward/held_out_labels", report.heldOut().judged());
    line.put("reward/held_out_chance", report.chance());
    line.put("reward/training_seconds", report.seconds());
    append(line);
    report.doubt().ifPresent(LOG::warn);
    synchronized (this) {
      training = Optional.empty();
      doubt = report.doubt();
      trainings.add(report);
    }
  }

  /** A line of its own whenever another validation label or repeated judgment has come. */
  @Override
  public void onPace(PaceReport report) {
    PaceReport before = slow();
    count(report.store().vendors());
    synchronized (this) {
      slow = report;
      if (phase.equals(LEARNING) || phase.equals(WAITING)) {
        phase = report.waiting() ? WAITING : LEARNING;
      }
    }
    Map<String, Number> line = new LinkedHashMap<>();
    if (report.wins().judged() > 0 && !report.wins().equals(before.wins())) {
      line.put("validation/win_rate", report.wins().rate().share());
      line.put("validation/win_rate_low", report.wins().rate().low());
      line.put("validation/win_rate_high", report.wins().rate().high());
      line.put("validation/labels", report.wins().judged());
    }
    if (report.agreement().judged() > 0 && !report.agreement().equals(before.agreement())) {
      line.put("labels/agreement", report.agreement().accuracy().share());
      line.put("labels/agreement_pairs", report.agreement().judged());
    }
    if (!line.isEmpty()) {
      line.put("seconds", Duration.between(start, clock.instant()).toMillis() / 1e3);
      line.put("labels", report.labels());
      append(line);
    }
  }

  private void count(List<LabelStore.Holder> vendors) {
    Instant now = clock.instant();
    List<MultiGauge.Row<?>> tasks = new ArrayList<>();
    List<MultiGauge.Row<?>> seconds = new ArrayList<>();
    for (LabelStore.Holder vendor : vendors) {
      Tags tags = Tags.of("vendor", vendor.vendor());
      double age = Duration.between(vendor.since(), now).toMillis() / 1e3;
      tasks.add(MultiGauge.Row.of(tags, (double) vendor.tasks()));
      seconds.add(MultiGauge.Row.of(tags, Math.max(0, age)));
    }
    held.register(tasks, true);
    heldOldest.register(seconds, true);
  }

  /** How the slow loop is doing. */
  public synchronized PaceReport slow() {
    return slow;
  }

  /** Adds numbers that are no update's, such as memory. */
  public void append(Map<String, Number> line) {
    log.append(line);
  }

  /** Says what the run is at. */
  public synchronized void phase(String words) {
    phase = words;
  }

  @Override
  public List<Turn> turns(String query) {
    return DistantRun.turns(turns, query);
  }

  /** Shows one response on the console. */
  private void sample(Trajectory trajectory) {
    Rollout rollout = trajectory.rollout();
    Map<String, Object> shown =
        new TreeMap<>(
            Map.of(
                "query", inputs.text(rollout.query()),
                "response", shown(rollout),
                "reward", trajectory.score(),
                "update", rollout.policyVersion()));
    List<Turn> spoken = turns(inputs.text(rollout.query()));
    if (!spoken.isEmpty()) {
      shown.put("turns", spoken);
    }
    String line = JsonFiles.line(shown);
    synchronized (this) {
      samples.add(0, line);
      if (samples.size() > KEPT_SAMPLES) {
        samples.remove(samples.size() - 1);
      }
    }
  }

  /** The trainings of the reward model so far. */
  public synchronized List<RewardReport> trainings() {
    return List.copyOf(trainings);
  }

  /** The last update, if there was one. */
  public synchronized Optional<UpdateReport> last() {
    return last;
  }

  /** What the terminal shows. */
  public synchronized Progress progress() {
    Optional<String> words =
        stop.map(it -> Waiting.stopped(it, howToGoOn(), clock.instant()))
            .or(this::waitingFor)
            .or(() -> trouble().map(it -> "waiting for scores; " + it.words()));
    return words
        .map(it -> Progress.waiting(it, update, settings.updates(), "updates"))
        .orElseGet(this::running);
  }

  private Progress running() {
    return new Progress(
        phase,
        update,
        settings.updates(),
        "updates",
        optional(last.map(r -> rolloutsPerSecond)),
        optional(last.map(r -> r.get("async/staleness_mean"))),
        Optional.of(slow.labels()),
        optional(last.map(r -> r.get("objective/score"))),
        optional(last.map(r -> r.get("objective/kl"))),
        OptionalDouble.of(settings.kl().target()),
        optional(last.map(r -> r.get("policy/beta"))),
        eta.until((double) settings.updates()));
  }

  private synchronized void yieldInto(Map<String, ? super Number> line) {
    if (yielded.responses() > 0) {
      line.put("questions/made", yielded.questions());
      line.put("questions/responses", yielded.responses());
      line.put("questions/usable", yielded.usable());
      line.put("questions/prompts_given_up", yielded.givenUp());
    }
  }

  /** What the policy waits for: a training of the reward model, or labels, and from whom. */
  private Optional<String> waitingFor() {
    if (!phase.equals(WAITING) && !phase.equals(COLLECTING)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    return training
        .map(Waiting::forTraining)
        .or(
            () ->
                Optional.of(
                    Waiting.forLabels(phase, slow.store(), labelsWanted, yielded, labelAt, now)));
  }

  @Override
  public String statusJson() {
    return JsonFiles.line(status());
  }

  /** How the run stands, by the names of {@link RunView}. */
  synchronized Map<String, Object> status() {
    Progress now = running();
    Instant instant = clock.instant();
    Map<String, Object> status = new LinkedHashMap<>();
    status.put("name", name);
    status.put("phase", stop.isPresent() ? STOPPED : phase);
    stop.ifPresent(it -> status.put("stop", Waiting.json(it, howToGoOn())));
    waitingFor().ifPresent(words -> status.put("waitingFor", words));
    status.put(
        "holders", slow.store().holders().stream().map(it -> Waiting.json(it, instant)).toList());
    trouble().map(Trouble::words).or(() -> doubt).ifPresent(words -> status.put("trouble", words));
    if (!refused.isEmpty()) {
      status.put("refused", new LinkedHashMap<>(refused));
    }
    status.put("update", now.done());
    status.put("updates", now.total());
    now.eta().ifPresent(left -> status.put("etaSeconds", left.toSeconds()));
    now.rolloutsPerSecond().ifPresent(v -> status.put("rolloutsPerSecond", v));
    now.staleness().ifPresent(v -> status.put("staleness", v));
    status.put("labels", slow.labels());
    if (slow.wins().judged() > 0) {
      status.put("winRate", slow.wins().rate().share());
      status.put("winRateLabels", slow.wins().judged());
    }
    status.put("labelsWanted", labelsWanted);
    yieldInto(status);
    if (yielded.responses() > 0) {
      status.put("questionYield", yielded.words());
    }
    now.reward().ifPresent(v -> status.put("reward", v));
    now.kl().ifPresent(v -> status.put("kl", v));
    now.klTarget().ifPresent(v -> status.put("klTarget", v));
    now.beta().ifPresent(v -> status.put("beta", v));
    status.put("policyVersion", now.done());
    if (!trainings.isEmpty()) {
      status.put("rewardVersion", trainings.get(trainings.size() - 1).version());
    }
    return status;
  }

  @Override
  public List<String> metricsSince(int line) {
    return log.lines(line, LINES_AT_ONCE);
  }

  @Override
  public synchronized List<String> samples() {
    return List.copyOf(samples);
  }

  @Override
  public void close() {
    log.close();
  }

  private double judged(LexiconPreference judge, List<Trajectory> batch) {
    return batch.stream().mapToDouble(it -> judge.score(shown(it.rollout()))).average().orElse(0);
  }

  private String shown(Rollout rollout) {
    Tokens kept = inputs.task().truncation().truncate(rollout.response()).kept();
    return inputs.text(inputs.task().shown(kept));
  }

  private static double usedHeap() {
    return (double) ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static OptionalDouble optional(Optional<Double> value) {
    return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
  }
}
