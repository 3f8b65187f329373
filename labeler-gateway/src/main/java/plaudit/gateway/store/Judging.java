package plaudit.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.json.Json;
import plaudit.gateway.store.StoredJudgment.Disposition;
import plaudit.gateway.store.Transaction.Event;
import plaudit.labels.Choice;

/**
 * What becomes of a judgment that comes in, inside the caller's transaction.
 *
 * <p>The natural key is comparison, vendor, labeler, revision. The same answer again is the old
 * answer; another one needs an amendment. Whether the lease still runs decides only the word {@code
 * late}; whether the comparison still wants an answer decides between label and surplus.
 */
final class Judging {

  /** Clocks that were never set say 1970; both databases keep all that is later. */
  private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  private static final Duration CLOCK_SLACK = Duration.ofMinutes(5);
  private static final Duration VISIBLE_SLACK = Duration.ofSeconds(10);

  private final StoreSettings settings;
  private final Ids ids;

  Judging(StoreSettings settings, Ids ids) {
    this.settings = settings;
    this.ids = ids;
  }

  /**
   * What came of some judgments.
   *
   * @param maybeOpen how many of their comparisons may want another answer
   */
  record Result(List<JudgeOutcome> outcomes, int maybeOpen) {}

  private record Author(String comparisonId, Labeler labeler) {}

  Result judge(
      Transaction tx, Labeler labeler, Submission submission, Optional<IdempotencyKey> key) {
    Optional<JudgeOutcome> before = answered(tx, labeler, key);
    if (before.isPresent()) {
      return new Result(List.of(before.get()), 0);
    }
    Map<Author, JudgmentRow> fresh = new LinkedHashMap<>();
    JudgeOutcome outcome = decide(tx, labeler, submission, fresh);
    keep(tx, fresh.values(), Event.JUDGED);
    remember(tx, labeler, outcome, key);
    return new Result(List.of(outcome), maybeOpen(fresh.values()));
  }

  /** Each is decided by itself; what is new is numbered together at the end. */
  Result judgeAll(Transaction tx, List<Submitted> submitted) {
    lock(tx, submitted);
    Map<Author, JudgmentRow> fresh = new LinkedHashMap<>();
    List<JudgeOutcome> outcomes = new ArrayList<>();
    for (Submitted one : submitted) {
      outcomes.add(decide(tx, one.labeler(), one.submission(), fresh));
    }
    keep(tx, fresh.values(), Event.JUDGED);
    return new Result(outcomes, maybeOpen(fresh.values()));
  }

  /** All comparisons in one order, so that two batches never wait for each other. */
  private void lock(Transaction tx, List<Submitted> submitted) {
    if (submitted.isEmpty() || settings.dialect().rowLock().isEmpty()) {
      return;
    }
    String marks = "?" + ", ?".repeat(submitted.size() - 1);
    tx.query(
            """
            SELECT id FROM comparison
            WHERE id IN (SELECT comparison_id FROM lease WHERE id IN (%s)) ORDER BY id"""
                    .formatted(marks)
                + settings.dialect().rowLock(),
            submitted.stream().map(one -> one.submission().leaseId()).toArray())
        .mapTo(String.class)
        .list();
  }

  /** What becomes of a judgment; a new one is put into {@code fresh}. */
  private JudgeOutcome decide(
      Transaction tx, Labeler labeler, Submission submission, Map<Author, JudgmentRow> fresh) {
    LeaseRow lease = LeaseRow.find(tx, submission.leaseId(), labeler.vendor()).orElse(null);
    if (lease == null) {
      return new JudgeOutcome.Unknown();
    }
    if (!lease.labeler().equals(labeler)) {
      return new JudgeOutcome.LeaseOfAnotherLabeler();
    }
    ComparisonRow comparison = ComparisonRow.get(tx, lease.comparisonId());
    Choice choice = choice(comparison, submission.answer());
    if (choice == null) {
      return new JudgeOutcome.UnknownChoice(String.valueOf(submission.answer().choiceId()));
    }
    Author author = new Author(lease.comparisonId(), labeler);
    Optional<JudgmentRow> earlier =
        Optional.ofNullable(fresh.get(author))
            .or(() -> JudgmentRow.newest(tx, lease.comparisonId(), labeler));
    if (earlier.isPresent()) {
      return again(earlier.get(), choice);
    }
    if (submission.epoch() != lease.epoch()) {
      return new JudgeOutcome.LeaseSuperseded(
          "epoch: %d (expected: %d)".formatted(submission.epoch(), lease.epoch()));
    }
    if (lease.reissued(tx)) {
      return new JudgeOutcome.LeaseSuperseded(
          "epoch: %d (expected: that of this labeler's newer lease)".formatted(submission.epoch()));
    }
    Optional<JudgeOutcome> implausible = implausible(submission, lease, tx.now());
    if (implausible.isPresent()) {
      return implausible.get();
    }
    Disposition disposition = admit(tx, lease) ? Disposition.ADMITTED : Disposition.SURPLUS;
    boolean late = !lease.activeAt(tx.now());
    tx.update("UPDATE lease SET phase = 'SUBMITTED' WHERE id = ?", lease.id());
    JudgmentRow row =
        JudgmentRow.fresh(
            ids.next("jd"),
            comparison,
            labeler,
            1,
            lease.id(),
            choice,
            submission.confidence(),
            submission.visibleMillis(),
            submission.client(),
            disposition,
            late,
            decided(submission, tx.now()),
            tx.now());
    fresh.put(author, row);
    return new JudgeOutcome.Recorded(row.stored());
  }

  private int maybeOpen(Collection<JudgmentRow> rows) {
    return (int)
        rows.stream()
            .filter(row -> row.disposition() == Disposition.ADMITTED)
            .filter(row -> settings.overlapOf(row.comparison().comparison().id()) > 1)
            .count();
  }

  JudgeOutcome amend(
      Transaction tx,
      Labeler labeler,
      String judgmentId,
      SubmittedChoice answer,
      Optional<IdempotencyKey> key) {
    Optional<JudgeOutcome> before = answered(tx, labeler, key);
    if (before.isPresent()) {
      return before.get();
    }
    JudgmentRow old = JudgmentRow.find(tx, judgmentId, labeler.vendor()).orElse(null);
    if (old == null || !old.labeler().equals(labeler)) {
      return new JudgeOutcome.Unknown();
    }
    Choice choice = choice(old.comparison(), answer);
    if (choice == null) {
      return new JudgeOutcome.UnknownChoice(String.valueOf(answer.choiceId()));
    }
    if (choice.equals(old.choice()) && old.disposition() != Disposition.SUPERSEDED) {
      return new JudgeOutcome.Repeated(old.stored());
    }
    if (tx.now().isAfter(old.received().plus(settings.amend()))) {
      return new JudgeOutcome.NotAmendable(
          "received: %s (expected: within %s)".formatted(old.received(), settings.amend()));
    }
    int superseded =
        tx.update(
            "UPDATE judgment SET disposition = 'SUPERSEDED' WHERE id = ? AND disposition <> 'SUPERSEDED'",
            old.id());
    if (superseded == 0) {
      return new JudgeOutcome.NotAmendable(
          "revision: %d (expected: the newest)".formatted(old.revision()));
    }
    JudgmentRow row =
        JudgmentRow.fresh(
            ids.next("jd"),
            old.comparison(),
            labeler,
            old.revision() + 1,
            old.leaseId(),
            choice,
            old.confidence(),
            old.visibleMillis(),
            old.client(),
            old.disposition(),
            old.late(),
            tx.now(),
            tx.now());
    keep(tx, List.of(row), Event.AMENDED);
    JudgeOutcome outcome = new JudgeOutcome.Recorded(row.stored());
    remember(tx, labeler, outcome, key);
    return outcome;
  }

  private static Optional<JudgeOutcome> answered(
      Transaction tx, Labeler labeler, Optional<IdempotencyKey> key) {
    if (key.isEmpty()) {
      return Optional.empty();
    }
    String fingerprint = key.get().fingerprint();
    return tx.query(
            "SELECT fingerprint, answer FROM idempotency_key WHERE vendor = ? AND name = ?",
            labeler.vendor(),
            key.get().name())
        .<JudgeOutcome>map(
            (row, context) ->
                row.getString("fingerprint").equals(fingerprint)
                    ? new JudgeOutcome.Repeated(
                        Json.read(row.getString("answer"), StoredJudgment.class))
                    : new JudgeOutcome.KeyReused())
        .findFirst();
  }

  private static JudgeOutcome again(JudgmentRow earlier, Choice choice) {
    return earlier.choice().equals(choice)
        ? new JudgeOutcome.Repeated(earlier.stored())
        : new JudgeOutcome.Conflict(earlier.stored());
  }

  private static @Nullable Choice choice(ComparisonRow comparison, SubmittedChoice answer) {
    if (answer instanceof SubmittedChoice.NoneChosen none) {
      return new Choice.NoPreference(none.verdict());
    }
    int index = comparison.choiceIds().indexOf(answer.choiceId());
    return index < 0 ? null : new Choice.Best(index);
  }

  private static Optional<JudgeOutcome> implausible(
      Submission submission, LeaseRow lease, Instant now) {
    Instant decided = submission.decidedTime();
    if (decided != null && (decided.isBefore(EARLIEST) || decided.isAfter(now.plus(CLOCK_SLACK)))) {
      return Optional.of(
          new JudgeOutcome.ImplausibleTime(
              "/decidedTime",
              "decidedTime: %s (expected: %s to %s)".formatted(decided, EARLIEST, now)));
    }
    Long visible = submission.visibleMillis();
    long held = Duration.between(lease.grantedAt(), now).plus(VISIBLE_SLACK).toMillis();
    if (visible != null && visible > held) {
      return Optional.of(
          new JudgeOutcome.ImplausibleTime(
              "/visibleMillis",
              "visibleMillis: %d (expected: <= %d since the lease)".formatted(visible, held)));
    }
    return Optional.empty();
  }

  /** Counts the judgment as a label if the comparison wants another. Locks the comparison. */
  private static boolean admit(Transaction tx, LeaseRow lease) {
    return tx.update(
            """
            UPDATE comparison SET
              phase = CASE
                WHEN admitted + 1 >= overlap THEN 'JUDGED'
                WHEN phase = 'LEASED' AND epoch = ? THEN 'OPEN'
                ELSE phase END,
              admitted = admitted + 1
            WHERE id = ? AND admitted < overlap AND phase <> 'WITHDRAWN'""",
            lease.epoch(),
            lease.comparisonId())
        == 1;
  }

  private static Instant decided(Submission submission, Instant now) {
    Instant decided = submission.decidedTime();
    return decided == null ? now : decided.truncatedTo(ChronoUnit.MILLIS);
  }

  /** Numbers and inserts rows: the counter is taken last and once, and held to the commit. */
  private static void keep(Transaction tx, Collection<JudgmentRow> rows, Event event) {
    if (rows.isEmpty()) {
      return;
    }
    long labels = rows.stream().filter(row -> row.disposition() == Disposition.ADMITTED).count();
    long[] next =
        tx.query(
                """
                UPDATE counter SET arrivals = arrivals + ?, labels = labels + ? WHERE id = 1
                RETURNING arrivals, labels""",
                rows.size(),
                labels)
            .map(
                (row, context) ->
                    new long[] {row.getLong(1) - rows.size() + 1, row.getLong(2) - labels + 1})
            .one();
    for (JudgmentRow row : rows) {
      boolean admitted = row.disposition() == Disposition.ADMITTED;
      row.insert(tx, next[0]++, admitted ? next[1]++ : null);
      tx.append(
          event,
          row.comparison().comparison().id(),
          row.labeler(),
          Map.of(
              "judgment", row.id(),
              "revision", row.revision(),
              "disposition", row.disposition(),
              "late", row.late(),
              "hash", row.contentHash()));
    }
  }

  private static void remember(
      Transaction tx, Labeler labeler, JudgeOutcome outcome, Optional<IdempotencyKey> key) {
    if (key.isPresent() && outcome instanceof JudgeOutcome.Recorded recorded) {
      tx.update(
          """
          INSERT INTO idempotency_key (vendor, name, fingerprint, answer, created_at)
          VALUES (?, ?, ?, ?, ?)""",
          labeler.vendor(),
          key.get().name(),
          key.get().fingerprint(),
          Json.write(recorded.judgment()),
          tx.now());
    }
  }
}
