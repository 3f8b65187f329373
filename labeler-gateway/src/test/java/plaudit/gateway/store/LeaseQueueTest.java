package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.gateway.store.StoredJudgment.Disposition;
import plaudit.labels.Choice;

/** Nobody's silence keeps a task from others, see {@link LeaseQueue}. */
class LeaseQueueTest {

  private static final Labeler ANNA = new Labeler("acme", "anna");
  private static final Labeler BEN = new Labeler("acme", "ben");
  private static final Labeler OTTO = new Labeler("other", "otto");

  private final StoreSettings settings;
  private final Stores.Hand clock = new Stores.Hand();
  private JdbcLabels labels;

  LeaseQueueTest(@TempDir Path directory) {
    settings = Stores.settings(directory).withHeld(new StoreSettings.Held(1000, 1000));
  }

  @BeforeEach
  void open() {
    labels = Stores.open(settings, clock);
  }

  @AfterEach
  void close() {
    labels.close();
  }

  @Test
  void aTaskOfASilentLabelerIsOfferedToAnotherWhileNoAnswersAreKnownAfterAMinute()
      throws SQLException {
    labels.ask(Comparisons.some("c", 1));
    Lease first = lease(ANNA).orElseThrow();
    assertThat(first.patience()).isEqualTo(Duration.ofSeconds(60));
    clock.forward(Duration.ofSeconds(59));
    assertThat(lease(BEN)).isEmpty();
    assertThat(labels.claimable()).isZero();
    clock.forward(Duration.ofSeconds(1));
    assertThat(labels.claimable()).isEqualTo(1);

    Lease second = lease(BEN).orElseThrow();

    assertThat(second.task().taskId()).isEqualTo(first.task().taskId());
    assertThat(second.epoch()).isEqualTo(first.epoch() + 1);
    assertThat(labels.extend(Holder.program("acme"), first.leaseId()))
        .isInstanceOf(ExtendOutcome.Extended.class);
    assertThat(events("OFFERED_AGAIN")).isEqualTo(1);
  }

  @Test
  void whoeverAnswersFirstMakesTheLabelAndTheLaterAnswerIsKept() {
    for (boolean oldFirst : List.of(true, false)) {
      labels.ask(Comparisons.some("old first " + oldFirst, 1));
      Lease first = lease(ANNA).orElseThrow();
      clock.forward(Duration.ofMinutes(5));
      Lease second = lease(BEN).orElseThrow();
      StoredJudgment anna = oldFirst ? judge(ANNA, first) : null;
      StoredJudgment ben = judge(BEN, second);
      anna = anna == null ? judge(ANNA, first) : anna;
      assertThat(anna.late()).isFalse();
      assertThat(oldFirst ? anna.disposition() : ben.disposition()).isEqualTo(Disposition.ADMITTED);
      assertThat(oldFirst ? ben.disposition() : anna.disposition()).isEqualTo(Disposition.SURPLUS);
    }
    assertThat(labels.labelsAfter(0, 10)).hasSize(2);
  }

  @Test
  void aLabelerIsNotOfferedWhatItHolds() {
    labels.ask(Comparisons.some("c", 1));
    assertThat(lease(ANNA)).isPresent();
    clock.forward(Duration.ofMinutes(5));
    assertThat(lease(ANNA)).isEmpty();
    assertThat(lease(BEN)).isPresent();
  }

  @Test
  void anAnswerOfWhomNobodyWaitedForAnyMoreIsTheLabelIfNobodyElseTookTheTask() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA).orElseThrow();
    clock.forward(Duration.ofMinutes(5));
    assertThat(labels.claimable()).isEqualTo(1);
    assertThat(judge(ANNA, lease).disposition()).isEqualTo(Disposition.ADMITTED);
    assertThat(labels.claimable()).isZero();
  }

  @Test
  void aPersonWhoIsHeardKeepsTheTaskAndAProgramThreeTimes() {
    labels.ask(Comparisons.some("c", 2));
    Lease person = lease(ANNA).orElseThrow();
    Lease program = lease(ANNA).orElseThrow();
    for (int i = 1; i <= 6; i++) {
      clock.forward(Duration.ofSeconds(50));
      labels.extend(new Holder("acme", "anna", true), person.leaseId());
      labels.extend(Holder.program("acme"), program.leaseId());
      assertThat(labels.claimable()).as("after %d extensions", i).isEqualTo(i <= 4 ? 0 : 1);
    }
    assertThat(lease(BEN).orElseThrow().task().taskId()).isEqualTo(program.task().taskId());
  }

  @Test
  void whoIsHeardBeforeAnotherTookTheTaskHasItAlone() {
    labels.ask(Comparisons.some("c", 1));
    Lease lease = lease(ANNA).orElseThrow();
    clock.forward(Duration.ofSeconds(70));
    assertThat(labels.claimable()).isEqualTo(1);
    labels.extend(new Holder("acme", "anna", true), lease.leaseId());
    assertThat(labels.claimable()).isZero();
    clock.forward(Duration.ofSeconds(60));
    assertThat(labels.claimable()).isEqualTo(1);
  }

  @Test
  void thePatienceFollowsTheVendorsOwnAnswersAndThoseOfAllWhileItHasFew() {
    labels.ask(Comparisons.some("c", 20));
    for (int i = 0; i < LeaseQueue.ENOUGH; i++) {
      Lease lease = lease(ANNA).orElseThrow();
      clock.forward(Duration.ofSeconds(30));
      judge(ANNA, lease);
    }
    assertThat(lease(ANNA).orElseThrow().patience()).isEqualTo(Duration.ofMinutes(2));
    assertThat(lease(OTTO).orElseThrow().patience()).isEqualTo(Duration.ofMinutes(2));
    for (int i = 0; i < LeaseQueue.ENOUGH; i++) {
      judge(OTTO, lease(OTTO).orElseThrow());
      clock.forward(Duration.ofSeconds(1));
    }
    assertThat(lease(OTTO).orElseThrow().patience()).isEqualTo(Duration.ofSeconds(10));
    assertThat(lease(ANNA).orElseThrow().patience()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void importedJudgmentsSayNothingOfPeoplesTime() {
    labels.importJudgments(
        Comparisons.some("i", 10).stream()
            .map(c -> new ImportedJudgment(c, new Choice.Best(0)))
            .toList());
    labels.ask(Comparisons.some("c", 1));
    assertThat(lease(ANNA).orElseThrow().patience()).isEqualTo(Duration.ofSeconds(60));
  }

  /** What the rule says, told again in the simplest words. */
  private final class Model {

    final class Held {
      final Labeler labeler;
      final Lease lease;
      final Instant granted = clock.instant();
      Instant heard = clock.instant();
      Instant end = clock.instant().plus(settings.lease());
      boolean active = true;
      boolean offered;
      boolean answered;
      boolean skipped;
      int extensions;

      Held(Labeler labeler, Lease lease) {
        this.labeler = labeler;
        this.lease = lease;
      }
    }

    final Map<String, List<Held>> tasks = new TreeMap<>();
    final List<String> judged = new ArrayList<>();
    final Map<String, List<Long>> times = new TreeMap<>();
    final List<Long> allTimes = new ArrayList<>();
    int asked;

    /** Once at each instant. */
    void pass() {
      tasks.values().stream()
          .flatMap(List::stream)
          .filter(held -> held.active && !held.end.isAfter(clock.instant()))
          .forEach(held -> held.active = false);
      Map<String, Duration> patience = Map.of("acme", patience("acme"), "other", patience("other"));
      for (List<Held> leases : tasks.values()) {
        Held newest = leases.get(leases.size() - 1);
        Duration silent = Duration.between(newest.heard, clock.instant());
        newest.offered |=
            newest.active && silent.compareTo(patience.get(newest.labeler.vendor())) >= 0;
      }
    }

    Duration patience(String vendor) {
      List<Long> own = times.getOrDefault(vendor, List.of());
      List<Long> some = own.size() < 5 ? allTimes : own;
      if (some.size() < 5) {
        return Duration.ofSeconds(60);
      }
      List<Long> sorted = some.stream().sorted().toList();
      double twice = sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2);
      return Duration.ofMillis(Math.max(10_000, Math.round(2 * twice)));
    }

    long open() {
      return asked - tasks.size() + tasks.keySet().stream().filter(this::open).count();
    }

    boolean open(String task) {
      List<Held> leases = tasks.getOrDefault(task, List.of());
      Held newest = leases.get(leases.size() - 1);
      return !judged.contains(task) && (!newest.active || newest.offered);
    }

    boolean mayTake(Labeler labeler, String task) {
      return open(task)
          && tasks.getOrDefault(task, List.of()).stream()
              .filter(held -> held.labeler.equals(labeler))
              .noneMatch(held -> held.active || held.answered || held.skipped);
    }

    List<Held> of(Labeler labeler) {
      return tasks.values().stream()
          .flatMap(List::stream)
          .filter(held -> held.labeler.equals(labeler) && held.active)
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whateverPeopleDoTheQueueGivesWhatTheRuleSays(long seed) {
    Random random = new Random(seed);
    Model model = new Model();
    List<Labeler> people = List.of(ANNA, BEN, OTTO, new Labeler("other", "olga"));
    for (int step = 0; step < 120; step++) {
      if (step % 10 == 0) {
        labels.ask(Comparisons.some("c" + step + "-", 3));
        model.asked += 3;
      }
      clock.forward(Duration.ofSeconds(1 + random.nextInt(random.nextInt(10) == 0 ? 400 : 30)));
      model.pass();
      assertThat(labels.claimable()).as("open at step %d", step).isEqualTo((int) model.open());
      Labeler labeler = people.get(random.nextInt(people.size()));
      List<Model.Held> held = model.of(labeler);
      int what = random.nextInt(10);
      if (what < 4 || held.isEmpty()) {
        take(model, labeler, step);
      } else {
        act(model, held.get(random.nextInt(held.size())), what);
      }
    }
    assertThat(labels.labelsAfter(0, 1000)).hasSize(model.judged.size());
  }

  private void take(Model model, Labeler labeler, int step) {
    Optional<Lease> lease = lease(labeler);
    if (lease.isEmpty()) {
      assertThat(model.asked)
          .as("tasks nobody took at step %d", step)
          .isEqualTo(model.tasks.size());
      assertThat(model.tasks.keySet()).noneMatch(task -> model.mayTake(labeler, task));
      return;
    }
    String task = lease.get().task().taskId();
    assertThat(lease.get().patience()).isEqualTo(model.patience(labeler.vendor()));
    if (model.tasks.containsKey(task)) {
      assertThat(model.mayTake(labeler, task)).as("offered at step %d", step).isTrue();
    }
    model
        .tasks
        .computeIfAbsent(task, t -> new ArrayList<>())
        .add(model.new Held(labeler, lease.get()));
  }

  private void act(Model model, Model.Held held, int what) {
    String task = held.lease.task().taskId();
    if (what < 6) {
      StoredJudgment stored = judge(held.labeler, held.lease);
      boolean first = !model.judged.contains(task);
      assertThat(stored.disposition())
          .isEqualTo(first ? Disposition.ADMITTED : Disposition.SURPLUS);
      if (first) {
        model.judged.add(task);
      }
      held.active = false;
      held.answered = true;
      long millis = Duration.between(held.granted, clock.instant()).toMillis();
      model.times.computeIfAbsent(held.labeler.vendor(), v -> new ArrayList<>()).add(millis);
      model.allTimes.add(millis);
    } else if (what < 8) {
      boolean person = what == 6;
      labels.extend(new Holder(held.labeler.vendor(), null, person), held.lease.leaseId());
      held.end = clock.instant().plus(settings.lease());
      if (person || held.extensions < 3) {
        held.heard = clock.instant();
        held.offered = false;
      }
      held.extensions++;
    } else if (what == 8) {
      labels.release(Holder.program(held.labeler.vendor()), held.lease.leaseId());
      held.active = false;
    } else {
      labels.skip(held.labeler, task, new Remark("UNCLEAR", ""));
      held.active = false;
      held.skipped = true;
    }
  }

  private Optional<Lease> lease(Labeler labeler) {
    return ((LeaseOutcome.Granted) labels.lease(labeler, 1)).leases().stream().findFirst();
  }

  private StoredJudgment judge(Labeler labeler, Lease lease) {
    JudgeOutcome outcome =
        labels.judge(
            labeler,
            new Submission(
                lease.leaseId(),
                lease.epoch(),
                new SubmittedChoice.Chosen(lease.task().choices().get(0).choiceId()),
                null,
                null,
                null,
                null),
            Optional.empty());
    assertThat(outcome).isInstanceOf(JudgeOutcome.Recorded.class);
    return ((JudgeOutcome.Recorded) outcome).judgment();
  }

  private int events(String kind) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(settings.url(), settings.user(), settings.password());
        PreparedStatement count =
            connection.prepareStatement("SELECT COUNT(*) FROM label_event WHERE kind = ?")) {
      count.setString(1, kind);
      ResultSet row = count.executeQuery();
      return row.next() ? row.getInt(1) : -1;
    }
  }
}
