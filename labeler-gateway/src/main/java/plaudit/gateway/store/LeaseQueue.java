package plaudit.gateway.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.gateway.store.LeaseRow.Phase;
import plaudit.gateway.store.Transaction.Event;

/**
 * How tasks go out on lease, and how they come back without a judgment: extended, expired, handed
 * back, skipped or flagged. Locks are taken in the order comparison, lease.
 */
final class LeaseQueue {

  /** How many of the oldest open comparisons a claim draws from, per task asked for. */
  private static final int WINDOW = 8;

  private final StoreSettings settings;
  private final Ids ids;

  LeaseQueue(StoreSettings settings, Ids ids) {
    this.settings = settings;
    this.ids = ids;
  }

  /** What one look at the queue gave; candidates without leases went to others meanwhile. */
  record Claims(int candidates, List<Lease> leases) {}

  /** Claims up to {@code max} tasks among the oldest that wait. */
  Claims claim(Transaction tx, Labeler labeler, int max) {
    List<String> candidates =
        tx.query(
                settings.dialect().candidates(),
                labeler.vendor(),
                labeler.id(),
                labeler.vendor(),
                labeler.id(),
                max * WINDOW)
            .mapTo(String.class)
            .list();
    ids.shuffle(candidates);
    List<Lease> leases = new ArrayList<>();
    for (String id : candidates) {
      if (leases.size() == max) {
        break;
      }
      claim(tx, id, labeler).ifPresent(leases::add);
    }
    return new Claims(candidates.size(), leases);
  }

  /** Claims one comparison, if it is open. */
  Optional<Lease> claim(Transaction tx, String id, Labeler labeler) {
    if (tx.update(
            "UPDATE comparison SET phase = 'LEASED', epoch = epoch + 1 WHERE id = ? AND phase = 'OPEN'",
            id)
        == 0) {
      return Optional.empty();
    }
    int epoch =
        tx.query("SELECT epoch FROM comparison WHERE id = ?", id).mapTo(Integer.class).one();
    ComparisonRow comparison = ComparisonRow.get(tx, id);
    List<Integer> display = ids.permutation(comparison.choiceIds().size());
    Instant end = tx.now().plus(settings.lease());
    LeaseRow row = new LeaseRow(ids.next("ls"), id, labeler, epoch, Phase.ACTIVE, 0, tx.now(), end);
    row.insert(tx, display);
    tx.append(
        Event.LEASED, id, labeler, Map.of("lease", row.id(), "epoch", epoch, "display", display));
    return Optional.of(new Lease(row.id(), epoch, end, comparison.task(display)));
  }

  /** The lease runs its full time again from now. */
  ExtendOutcome extend(Transaction tx, String vendor, String leaseId) {
    LeaseRow lease = LeaseRow.find(tx, leaseId, vendor).orElse(null);
    if (lease == null) {
      return new ExtendOutcome.Unknown();
    }
    if (!lease.activeAt(tx.now())) {
      Phase phase = lease.phase() == Phase.ACTIVE ? Phase.EXPIRED : lease.phase();
      return new ExtendOutcome.Over("phase: %s (expected: ACTIVE)".formatted(phase));
    }
    Instant until = tx.now().plus(settings.lease());
    int changed =
        tx.update(
            """
            UPDATE lease SET expires_at = ?, extensions = extensions + 1
            WHERE id = ? AND phase = 'ACTIVE' AND extensions < ?""",
            until,
            leaseId,
            settings.extensions());
    if (changed == 0) {
      return new ExtendOutcome.Over(
          "extensions: %d (expected: < %d)".formatted(lease.extensions(), settings.extensions()));
    }
    append(tx, Event.EXTENDED, lease, Map.of("lease", leaseId));
    return new ExtendOutcome.Extended(until);
  }

  /** Whether a comparison waits for a labeler. */
  static boolean hasOpen(Transaction tx) {
    return tx.query("SELECT 1 FROM comparison WHERE phase = 'OPEN' LIMIT 1")
        .mapTo(Integer.class)
        .findFirst()
        .isPresent();
  }

  /** Puts a task whose time is over back into the queue, unless it was extended meanwhile. */
  void expire(Transaction tx, LeaseRow lease) {
    // The comparison first, as everywhere; an extension in between makes the second update miss.
    tx.query(
            "SELECT epoch FROM comparison WHERE id = ?" + settings.dialect().rowLock(),
            lease.comparisonId())
        .mapTo(Integer.class)
        .one();
    int ended =
        tx.update(
            "UPDATE lease SET phase = 'EXPIRED' WHERE id = ? AND phase = 'ACTIVE' AND expires_at <= ?",
            lease.id(),
            tx.now());
    if (ended == 1) {
      lease.reopen(tx);
      append(tx, Event.EXPIRED, lease, Map.of("lease", lease.id()));
    }
  }

  /** Hands a task back; false when the vendor has no such lease. */
  static boolean release(Transaction tx, String vendor, String leaseId) {
    Optional<LeaseRow> lease = LeaseRow.find(tx, leaseId, vendor);
    lease.ifPresent(found -> end(tx, found, Phase.RELEASED, Event.RELEASED, Map.of()));
    return lease.isPresent();
  }

  /** Hands back everything that a vendor holds; says how many tasks. */
  static int releaseAll(Transaction tx, String vendor) {
    List<LeaseRow> leases = LeaseRow.active(tx, vendor);
    leases.forEach(lease -> end(tx, lease, Phase.RELEASED, Event.RELEASED, Map.of()));
    return leases.size();
  }

  /** The labeler does not want this task; false when the labeler never held it. */
  static boolean skip(Transaction tx, Labeler labeler, String taskId, Remark remark) {
    Optional<LeaseRow> lease = LeaseRow.ofTask(tx, taskId, labeler);
    lease.ifPresent(found -> end(tx, found, Phase.SKIPPED, Event.SKIPPED, detail(remark)));
    return lease.isPresent();
  }

  /** Something is wrong with this task; false when the labeler never held it. */
  boolean flag(Transaction tx, Labeler labeler, String taskId, Remark remark) {
    Optional<LeaseRow> lease = LeaseRow.ofTask(tx, taskId, labeler);
    if (lease.isPresent() && end(tx, lease.get(), Phase.FLAGGED, Event.FLAGGED, detail(remark))) {
      withdrawIfFlagged(tx, lease.get());
    }
    return lease.isPresent();
  }

  private static Map<String, String> detail(Remark remark) {
    return Map.of("reason", remark.reason(), "text", remark.text());
  }

  /** Ends a lease before its time; false if it had ended. */
  private static boolean end(
      Transaction tx, LeaseRow lease, Phase phase, Event event, Map<String, ?> detail) {
    lease.reopen(tx);
    if (!lease.end(tx, phase)) {
      return false;
    }
    append(tx, event, lease, detail);
    return true;
  }

  /** Counts a flag; enough of them take the task out. */
  private void withdrawIfFlagged(Transaction tx, LeaseRow lease) {
    tx.update("UPDATE comparison SET flags = flags + 1 WHERE id = ?", lease.comparisonId());
    int withdrawn =
        tx.update(
            """
            UPDATE comparison SET phase = 'WITHDRAWN'
            WHERE id = ? AND flags >= ? AND phase IN ('OPEN', 'LEASED')""",
            lease.comparisonId(),
            settings.flags());
    if (withdrawn == 1) {
      append(tx, Event.WITHDRAWN, lease, Map.of("flags", settings.flags()));
    }
  }

  private static void append(Transaction tx, Event event, LeaseRow lease, Map<String, ?> detail) {
    tx.append(event, lease.comparisonId(), lease.labeler(), detail);
  }
}
