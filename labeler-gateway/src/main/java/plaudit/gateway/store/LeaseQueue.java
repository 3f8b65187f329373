package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How tasks go out on lease, and come back when their time is over ({@link Returns}: before).
 * Within a transaction of somebody else.
 */
final class LeaseQueue {

  /** How many of the oldest open comparisons a claim draws from, per task asked for. */
  private static final int WINDOW = 8;

  private final StoreSettings settings;
  private final Dialect dialect;
  private final Ids ids;

  LeaseQueue(StoreSettings settings, Dialect dialect, Ids ids) {
    this.settings = settings;
    this.dialect = dialect;
    this.ids = ids;
  }

  /** What one look at the queue gave; candidates without leases went to others meanwhile. */
  record Claims(int candidates, List<Lease> leases) {}

  /** Claims up to {@code max} tasks among the oldest that wait. */
  Claims claim(Connection connection, Instant now, Labeler labeler, int max) throws SQLException {
    List<String> candidates =
        Sql.list(
            connection,
            dialect.candidates(),
            row -> row.getString(1),
            labeler.vendor(),
            labeler.id(),
            labeler.vendor(),
            labeler.id(),
            max * WINDOW);
    ids.shuffle(candidates);
    List<Lease> leases = new ArrayList<>();
    for (String id : candidates) {
      if (leases.size() == max) {
        break;
      }
      claim(connection, now, id, labeler).ifPresent(leases::add);
    }
    return new Claims(candidates.size(), leases);
  }

  /** Claims one comparison, if nobody holds it or has answered it. */
  Optional<Lease> claim(Connection connection, Instant now, String id, Labeler labeler)
      throws SQLException {
    if (Sql.update(
            connection,
            "UPDATE comparison SET phase = 'LEASED', epoch = epoch + 1 WHERE id = ? AND phase = 'OPEN'",
            id)
        == 0) {
      return Optional.empty();
    }
    int epoch = (int) Sql.number(connection, "SELECT c.epoch FROM comparison c WHERE c.id = ?", id);
    ComparisonRow comparison =
        Sql.one(
                connection,
                "SELECT " + ComparisonRow.COLUMNS + " FROM comparison c WHERE c.id = ?",
                ComparisonRow::read,
                id)
            .orElseThrow();
    List<Integer> display = ids.permutation(comparison.choiceIds().size());
    LeaseRow row =
        new LeaseRow(
            ids.next("ls"),
            id,
            labeler,
            epoch,
            LeaseRow.Phase.ACTIVE,
            0,
            now,
            now.plus(settings.lease()));
    row.insert(connection, display.toString());
    Events.append(
        connection,
        now,
        Events.Kind.LEASED,
        id,
        labeler,
        Map.of("lease", row.id(), "epoch", epoch, "display", display));
    return Optional.of(new Lease(row.id(), epoch, row.expires(), comparison.task(display)));
  }

  /** The lease runs its full time again from {@code now}. */
  ExtendOutcome extend(Connection connection, Instant now, String vendor, String leaseId)
      throws SQLException {
    LeaseRow lease = LeaseRow.find(connection, leaseId, vendor).orElse(null);
    if (lease == null) {
      return new ExtendOutcome.Unknown();
    }
    if (!lease.activeAt(now)) {
      return new ExtendOutcome.Over(
          "phase: %s (expected: ACTIVE)"
              .formatted(
                  lease.phase() == LeaseRow.Phase.ACTIVE ? LeaseRow.Phase.EXPIRED : lease.phase()));
    }
    Instant until = now.plus(settings.lease());
    int changed =
        Sql.update(
            connection,
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
    Events.append(
        connection,
        now,
        Events.Kind.EXTENDED,
        lease.comparisonId(),
        lease.labeler(),
        Map.of("lease", leaseId));
    return new ExtendOutcome.Extended(until);
  }

  /** Whether a comparison waits for anybody. */
  static boolean hasOpen(Connection connection) throws SQLException {
    return !Sql.list(
            connection,
            "SELECT 1 FROM comparison WHERE phase = 'OPEN' LIMIT 1",
            row -> row.getInt(1))
        .isEmpty();
  }

  /** Puts a task whose time is over back into the queue. */
  boolean expire(Connection connection, Instant now, LeaseRow lease) throws SQLException {
    // The comparison first, as everywhere; an extension in between makes the second update miss.
    Sql.number(
        connection, "SELECT epoch FROM comparison WHERE id = ? FOR UPDATE", lease.comparisonId());
    int ended =
        Sql.update(
            connection,
            "UPDATE lease SET phase = 'EXPIRED' WHERE id = ? AND phase = 'ACTIVE' AND expires_at <= ?",
            lease.id(),
            now);
    if (ended == 1) {
      lease.reopen(connection);
      Events.append(
          connection,
          now,
          Events.Kind.EXPIRED,
          lease.comparisonId(),
          lease.labeler(),
          Map.of("lease", lease.id()));
    }
    return ended == 1;
  }
}
