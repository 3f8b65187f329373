package plaudit.gateway.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import plaudit.gateway.store.LeaseRow.Phase;
import plaudit.gateway.store.Transaction.Event;
import plaudit.labels.Comparison;

/**
 * How tasks go out on lease, and how they come back without a judgment: extended, expired, handed
 * back, skipped or flagged. Locks are taken in the order comparison, lease.
 *
 * <p>A silent holder does not keep a task from others:
 *
 * <ul>
 *   <li>A task is offered again when nothing was heard of the holder of its newest lease for the
 *       vendor's patience: {@code factor} times the median time from grant to receipt of the
 *       vendor's last {@value #ANSWERS} judgments, and at least {@code at-least}. While the vendor
 *       has fewer than {@value #ENOUGH} answers those of all vendors count, and {@code unknown}
 *       while these are too few as well.
 *   <li>Offered again means that the comparison is open. The old lease stays active: it can be
 *       extended, released and judged until it ends. The first answer is admitted, later answers
 *       are surplus.
 *   <li>What is heard of a holder: the grant, each extension by a person at the page, which follows
 *       a sign of life, and the first {@value #PROGRAM_RENEWALS} extensions by a vendor's program,
 *       which may extend without a person. Later ones make the lease longer, and the task is
 *       offered again all the same. What is heard in time, before another labeler took the task,
 *       takes the offer back.
 *   <li>A labeler never gets a comparison that it holds already, or has answered, skipped or
 *       flagged.
 *   <li>A lease that ends gives its comparison back only while no newer lease holds it.
 * </ul>
 */
final class LeaseQueue {

  /** How many of the oldest open comparisons a claim draws from, per task asked for. */
  private static final int WINDOW = 8;

  /** Extensions by a vendor's program that count as signs of life. */
  static final int PROGRAM_RENEWALS = 3;

  /** How many of the last judgments the median is taken of, and how many make one. */
  static final int ANSWERS = 200;

  static final int ENOUGH = 5;

  private static final Duration BETWEEN_MEDIANS = Duration.ofSeconds(1);

  private static final String EVALUATIONS = Comparison.EVALUATION + "%";

  private final StoreSettings settings;
  private final Ids ids;
  private final boolean ofAnEvaluation;
  private final Map<String, Patience> patience = new ConcurrentHashMap<>();

  private record Patience(Duration time, Instant at) {}

  /**
   * A queue.
   *
   * @param ofAnEvaluation whether comparisons of evaluations go out, and no others; or the others
   *     alone
   */
  LeaseQueue(StoreSettings settings, Ids ids, boolean ofAnEvaluation) {
    this.settings = settings;
    this.ids = ids;
    this.ofAnEvaluation = ofAnEvaluation;
  }

  /** What one look at the queue gave; candidates without leases went to others meanwhile. */
  record Claims(int candidates, LeaseOutcome outcome) {}

  /** Claims up to {@code max} tasks among the oldest that wait, as far as the labeler may. */
  Claims claim(Transaction tx, Labeler labeler, int max) {
    Optional<String> stopped = RunStop.reason(tx);
    if (stopped.isPresent()) {
      return new Claims(0, new LeaseOutcome.Stopped(stopped.get()));
    }
    if (!Labelers.admits(tx, labeler, settings.labelersPerVendor())) {
      return new Claims(0, new LeaseOutcome.TooManyLabelers());
    }
    LeaseOutcome.TooManyLeases held = held(tx, labeler);
    int room =
        Math.min(
            settings.held().labeler() - held.byLabeler(),
            settings.held().vendor() - held.byVendor());
    if (room <= 0) {
      return new Claims(0, held);
    }
    int wanted = Math.min(max, room);
    List<String> candidates =
        tx.query(
                settings.dialect().candidates(ofAnEvaluation),
                EVALUATIONS,
                labeler.vendor(),
                labeler.id(),
                labeler.vendor(),
                labeler.id(),
                wanted * WINDOW)
            .mapTo(String.class)
            .list();
    ids.shuffle(candidates);
    List<Lease> leases = new ArrayList<>();
    for (String id : candidates) {
      if (leases.size() == wanted) {
        break;
      }
      claim(tx, id, labeler).ifPresent(leases::add);
    }
    if (!leases.isEmpty()) {
      Labelers.seen(tx, labeler);
    }
    return new Claims(candidates.size(), new LeaseOutcome.Granted(leases));
  }

  /** How many tasks are held; over PostgreSQL without what other claims take at the same moment. */
  private static LeaseOutcome.TooManyLeases held(Transaction tx, Labeler labeler) {
    return tx.query(
            """
            SELECT COALESCE(SUM(CASE WHEN labeler = ? THEN 1 ELSE 0 END), 0), COUNT(*) FROM lease
            WHERE phase = 'ACTIVE' AND vendor = ? AND expires_at > ?\
            """,
            labeler.id(),
            labeler.vendor(),
            tx.now())
        .map((row, context) -> new LeaseOutcome.TooManyLeases(row.getInt(1), row.getInt(2)))
        .one();
  }

  /** Claims one comparison, if it is open. */
  Optional<Lease> claim(Transaction tx, String id, Labeler labeler) {
    Optional<Integer> claimed =
        tx.query(
                """
                UPDATE comparison SET phase = 'LEASED', epoch = epoch + 1
                WHERE id = ? AND phase = 'OPEN' RETURNING epoch\
                """,
                id)
            .mapTo(Integer.class)
            .findFirst();
    if (claimed.isEmpty()) {
      return Optional.empty();
    }
    int epoch = claimed.get();
    ComparisonRow comparison = ComparisonRow.get(tx, id);
    List<Integer> display = ids.permutation(comparison.choiceIds().size());
    Instant now = tx.now();
    Instant end = now.plus(settings.lease());
    LeaseRow row = new LeaseRow(ids.next("ls"), id, labeler, epoch, Phase.ACTIVE, 0, now, now, end);
    row.insert(tx, display);
    tx.append(
        Event.LEASED, id, labeler, Map.of("lease", row.id(), "epoch", epoch, "display", display));
    return Optional.of(
        new Lease(row.id(), epoch, end, patience(tx, labeler.vendor()), comparison.task(display)));
  }

  /**
   * The lease runs its full time again from now.
   *
   * @param holder who says so; a vendor's program need not name the labeler
   */
  ExtendOutcome extend(Transaction tx, Holder holder, String leaseId) {
    LeaseRow lease = LeaseRow.find(tx, leaseId, holder.vendor()).orElse(null);
    if (lease == null) {
      return new ExtendOutcome.Unknown();
    }
    if (!holder.mayBe(lease.labeler())) {
      return new ExtendOutcome.OfAnotherLabeler();
    }
    if (!lease.activeAt(tx.now())) {
      Phase phase = lease.phase() == Phase.ACTIVE ? Phase.EXPIRED : lease.phase();
      return new ExtendOutcome.Over("phase: %s (expected: ACTIVE)".formatted(phase));
    }
    lock(tx, lease);
    boolean renews = holder.present() || lease.extensions() < PROGRAM_RENEWALS;
    Instant until = tx.now().plus(settings.lease());
    int changed =
        tx.update(
            """
            UPDATE lease SET expires_at = ?, renewed_at = ?, extensions = extensions + 1
            WHERE id = ? AND phase = 'ACTIVE' AND extensions < ?\
            """,
            until,
            renews ? tx.now() : lease.renewedAt(),
            leaseId,
            settings.extensions());
    if (changed == 0) {
      return new ExtendOutcome.Over(
          "extensions: %d (expected: < %d)".formatted(lease.extensions(), settings.extensions()));
    }
    if (renews) {
      tx.update(
          "UPDATE comparison SET phase = 'LEASED' WHERE id = ? AND phase = 'OPEN' AND epoch = ?",
          lease.comparisonId(),
          lease.epoch());
    }
    append(tx, Event.EXTENDED, lease, Map.of("lease", leaseId, "renewed", renews));
    return new ExtendOutcome.Extended(until);
  }

  /** How many comparisons wait for a labeler, counted up to {@code most}. */
  int open(Transaction tx, int most) {
    return tx.query(
            "SELECT 1 FROM comparison WHERE phase = 'OPEN' AND id %s LIKE ? LIMIT ?"
                .formatted(ofAnEvaluation ? "" : "NOT"),
            EVALUATIONS,
            most)
        .mapTo(Integer.class)
        .list()
        .size();
  }

  /** Leases whose holders were silent for longer than the patience, at most {@code limit}. */
  List<LeaseRow> silent(Transaction tx, int limit) {
    List<LeaseRow> silent = new ArrayList<>();
    List<String> vendors =
        tx.query("SELECT DISTINCT vendor FROM lease WHERE phase = 'ACTIVE'")
            .mapTo(String.class)
            .list();
    for (String vendor : vendors) {
      Instant before = tx.now().minus(patience(tx, vendor));
      silent.addAll(LeaseRow.silent(tx, vendor, before, limit - silent.size()));
    }
    return silent;
  }

  /** Opens the comparison of a silent holder to others, unless the holder was heard meanwhile. */
  void offerAgain(Transaction tx, LeaseRow lease) {
    lock(tx, lease);
    int offered =
        tx.update(
            """
            UPDATE comparison SET phase = 'OPEN'
            WHERE id = ? AND phase = 'LEASED' AND epoch = ?
              AND EXISTS (SELECT 1 FROM lease
                WHERE id = ? AND phase = 'ACTIVE' AND renewed_at = ?)\
            """,
            lease.comparisonId(),
            lease.epoch(),
            lease.id(),
            lease.renewedAt());
    if (offered == 1) {
      append(tx, Event.OFFERED_AGAIN, lease, Map.of("lease", lease.id()));
    }
  }

  /** How long nothing may be heard of a vendor's labelers; looked up once a second. */
  private Duration patience(Transaction tx, String vendor) {
    Patience known = patience.get(vendor);
    if (known == null || !tx.now().isBefore(known.at.plus(BETWEEN_MEDIANS))) {
      List<Long> own =
          answerMillis(tx, "WHERE vendor = ? ORDER BY vendor DESC, arrival DESC", vendor);
      List<Long> millis = own.size() < ENOUGH ? answerMillis(tx, "ORDER BY arrival DESC") : own;
      StoreSettings.OfferAgain rule = settings.offerAgain();
      Duration time = rule.unknown();
      if (millis.size() >= ENOUGH) {
        Duration some = Duration.ofMillis(Math.round(rule.factor() * median(millis)));
        time = some.compareTo(rule.atLeast()) < 0 ? rule.atLeast() : some;
      }
      known = new Patience(time, tx.now());
      patience.put(vendor, known);
    }
    return known.time;
  }

  /** Times from grant to receipt among the last judgments, without amended and imported ones. */
  private static List<Long> answerMillis(Transaction tx, String which, Object... values) {
    return tx.query(
            """
            SELECT l.granted_at, j.received_at
            FROM (SELECT lease_id, vendor, revision, received_at FROM judgment %s LIMIT %d) j
            JOIN lease l ON l.id = j.lease_id
            WHERE j.revision = 1 AND j.vendor <> 'import'\
            """
                .formatted(which, ANSWERS),
            values)
        .map(
            (row, context) ->
                Duration.between(
                        JudgmentRow.instant(row, "granted_at", context),
                        JudgmentRow.instant(row, "received_at", context))
                    .toMillis())
        .list();
  }

  private static double median(List<Long> millis) {
    List<Long> sorted = millis.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2.0;
  }

  /** Puts a task whose time is over back into the queue, unless it was extended meanwhile. */
  void expire(Transaction tx, LeaseRow lease) {
    // An extension in between makes the update miss.
    lock(tx, lease);
    int ended =
        tx.update(
            "UPDATE lease SET phase = 'EXPIRED' WHERE id = ? AND phase = 'ACTIVE' AND expires_at <="
                + " ?",
            lease.id(),
            tx.now());
    if (ended == 1) {
      lease.reopen(tx);
      append(tx, Event.EXPIRED, lease, Map.of("lease", lease.id()));
    }
  }

  /** Hands a task back. */
  TaskOutcome release(Transaction tx, Holder holder, String leaseId) {
    LeaseRow lease = LeaseRow.find(tx, leaseId, holder.vendor()).orElse(null);
    if (lease == null) {
      return TaskOutcome.UNKNOWN;
    }
    if (!holder.mayBe(lease.labeler())) {
      return TaskOutcome.OF_ANOTHER_LABELER;
    }
    end(tx, lease, Phase.RELEASED, Event.RELEASED, Map.of());
    return TaskOutcome.DONE;
  }

  /** Hands back everything that a vendor holds; says how many tasks. */
  int releaseAll(Transaction tx, String vendor) {
    List<LeaseRow> leases = LeaseRow.active(tx, vendor);
    leases.forEach(lease -> end(tx, lease, Phase.RELEASED, Event.RELEASED, Map.of()));
    return leases.size();
  }

  /** The labeler does not want this task. */
  TaskOutcome skip(Transaction tx, Labeler labeler, String taskId, Remark remark) {
    LeaseRow lease = LeaseRow.ofTask(tx, taskId, labeler).orElse(null);
    if (lease == null) {
      return notHeld(tx, labeler, taskId);
    }
    end(tx, lease, Phase.SKIPPED, Event.SKIPPED, detail(remark));
    return TaskOutcome.DONE;
  }

  /** Something is wrong with this task. */
  TaskOutcome flag(Transaction tx, Labeler labeler, String taskId, Remark remark) {
    LeaseRow lease = LeaseRow.ofTask(tx, taskId, labeler).orElse(null);
    if (lease == null) {
      return notHeld(tx, labeler, taskId);
    }
    if (end(tx, lease, Phase.FLAGGED, Event.FLAGGED, detail(remark))) {
      withdrawIfFlagged(tx, lease);
    }
    return TaskOutcome.DONE;
  }

  private static TaskOutcome notHeld(Transaction tx, Labeler labeler, String taskId) {
    return LeaseRow.anyOfTask(tx, taskId, labeler.vendor())
        ? TaskOutcome.OF_ANOTHER_LABELER
        : TaskOutcome.UNKNOWN;
  }

  private static Map<String, String> detail(Remark remark) {
    return Map.of("reason", remark.reason(), "text", remark.text());
  }

  /** Ends a lease before its time; false if it had ended. */
  private boolean end(
      Transaction tx, LeaseRow lease, Phase phase, Event event, Map<String, ?> detail) {
    lock(tx, lease);
    lease.reopen(tx);
    if (!lease.end(tx, phase)) {
      return false;
    }
    append(tx, event, lease, detail);
    return true;
  }

  /** Counts the vendors that flagged the task; enough of them take it out. */
  private void withdrawIfFlagged(Transaction tx, LeaseRow lease) {
    tx.update(
        """
        UPDATE comparison SET flags = (SELECT COUNT(DISTINCT vendor) FROM lease
          WHERE comparison_id = ? AND phase = 'FLAGGED') WHERE id = ?\
        """,
        lease.comparisonId(),
        lease.comparisonId());
    int withdrawn =
        tx.update(
            """
            UPDATE comparison SET phase = 'WITHDRAWN'
            WHERE id = ? AND flags >= ? AND phase IN ('OPEN', 'LEASED')\
            """,
            lease.comparisonId(),
            settings.flags());
    if (withdrawn == 1) {
      append(tx, Event.WITHDRAWN, lease, Map.of("flags", settings.flags()));
    }
  }

  /** Keeps the comparison for this transaction, before any of its leases is changed. */
  private void lock(Transaction tx, LeaseRow lease) {
    tx.query(
            "SELECT epoch FROM comparison WHERE id = ?" + settings.dialect().rowLock(),
            lease.comparisonId())
        .mapTo(Integer.class)
        .one();
  }

  private static void append(Transaction tx, Event event, LeaseRow lease, Map<String, ?> detail) {
    tx.append(event, lease.comparisonId(), lease.labeler(), detail);
  }
}
