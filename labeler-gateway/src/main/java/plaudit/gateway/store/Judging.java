package plaudit.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
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

  private static final Duration CLOCK_SLACK = Duration.ofMinutes(5);
  private static final Duration VISIBLE_SLACK = Duration.ofSeconds(10);

  private final StoreSettings settings;
  private final Ids ids;

  Judging(StoreSettings settings, Ids ids) {
    this.settings = settings;
    this.ids = ids;
  }

  JudgeOutcome judge(
      Transaction tx, Labeler labeler, Submission submission, Optional<IdempotencyKey> key) {
    Optional<JudgeOutcome> before = answered(tx, labeler, key);
    if (before.isPresent()) {
      return before.get();
    }
    LeaseRow lease = LeaseRow.find(tx, submission.leaseId(), labeler.vendor()).orElse(null);
    if (lease == null) {
      return new JudgeOutcome.Unknown();
    }
    ComparisonRow comparison = ComparisonRow.get(tx, lease.comparisonId());
    Choice choice = choice(comparison, submission.answer());
    if (choice == null) {
      return new JudgeOutcome.UnknownChoice(String.valueOf(submission.answer().choiceId()));
    }
    Optional<JudgmentRow> earlier = JudgmentRow.newest(tx, lease.comparisonId(), labeler);
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
    boolean admitted = admit(tx, lease);
    boolean late = !lease.activeAt(tx.now());
    tx.update("UPDATE lease SET phase = 'SUBMITTED' WHERE id = ?", lease.id());
    Numbers numbers = numbers(tx, admitted);
    JudgmentRow row =
        new JudgmentRow(
            ids.next("jd"),
            numbers.arrival,
            admitted ? numbers.label : null,
            comparison,
            labeler,
            1,
            lease.id(),
            choice,
            submission.confidence(),
            submission.visibleMillis(),
            submission.client(),
            admitted ? Disposition.ADMITTED : Disposition.SURPLUS,
            late,
            decided(submission, tx.now()),
            tx.now());
    return keep(tx, row, Event.JUDGED, key);
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
    boolean admitted = old.disposition() == Disposition.ADMITTED;
    Numbers numbers = numbers(tx, admitted);
    JudgmentRow row =
        new JudgmentRow(
            ids.next("jd"),
            numbers.arrival,
            admitted ? numbers.label : null,
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
    return keep(tx, row, Event.AMENDED, key);
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
    if (decided != null && decided.isAfter(now.plus(CLOCK_SLACK))) {
      return Optional.of(
          new JudgeOutcome.ImplausibleTime(
              "/decidedTime", "decidedTime: %s (expected: <= %s)".formatted(decided, now)));
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

  private record Numbers(long arrival, long label) {}

  private static Numbers numbers(Transaction tx, boolean isLabel) {
    tx.update(
        "UPDATE counter SET arrivals = arrivals + 1, labels = labels + ? WHERE id = 1",
        isLabel ? 1 : 0);
    return tx.query("SELECT arrivals, labels FROM counter WHERE id = 1")
        .map((row, context) -> new Numbers(row.getLong(1), row.getLong(2)))
        .one();
  }

  private static Instant decided(Submission submission, Instant now) {
    Instant decided = submission.decidedTime();
    return decided == null ? now : decided.truncatedTo(ChronoUnit.MILLIS);
  }

  private static JudgeOutcome keep(
      Transaction tx, JudgmentRow row, Event event, Optional<IdempotencyKey> key) {
    row.insert(tx);
    StoredJudgment stored = row.stored();
    tx.append(
        event,
        stored.comparisonId(),
        row.labeler(),
        Map.of(
            "judgment", stored.judgmentId(),
            "revision", stored.revision(),
            "disposition", stored.disposition(),
            "late", stored.late(),
            "hash", stored.contentHash()));
    if (key.isPresent()) {
      tx.update(
          """
          INSERT INTO idempotency_key (vendor, name, fingerprint, answer, created_at)
          VALUES (?, ?, ?, ?, ?)""",
          row.labeler().vendor(),
          key.get().name(),
          key.get().fingerprint(),
          Json.write(stored),
          tx.now());
    }
    return new JudgeOutcome.Recorded(stored);
  }
}
