package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How tasks come back unanswered before their time: handed back, skipped or flagged; they go to
 * somebody else. Within a transaction of somebody else.
 */
final class Returns {

  private final StoreSettings settings;

  Returns(StoreSettings settings) {
    this.settings = settings;
  }

  /** Hands a task back; false when the vendor has no such lease. */
  boolean release(Connection connection, Instant now, String vendor, String leaseId)
      throws SQLException {
    LeaseRow lease = LeaseRow.find(connection, leaseId, vendor).orElse(null);
    if (lease == null) {
      return false;
    }
    release(connection, now, lease);
    return true;
  }

  /** Hands back everything that a vendor holds; says how many tasks. */
  int releaseAll(Connection connection, Instant now, String vendor) throws SQLException {
    List<LeaseRow> leases = LeaseRow.active(connection, vendor);
    for (LeaseRow lease : leases) {
      release(connection, now, lease);
    }
    return leases.size();
  }

  /** The labeler does not want this task; false when the labeler never held it. */
  boolean skip(Connection connection, Instant now, Labeler labeler, String taskId, Remark remark)
      throws SQLException {
    LeaseRow lease = LeaseRow.ofTask(connection, taskId, labeler).orElse(null);
    if (lease == null) {
      return false;
    }
    end(connection, now, lease, LeaseRow.Phase.SKIPPED, Events.Kind.SKIPPED, detail(remark));
    return true;
  }

  /** Something is wrong with this task; false when the labeler never held it. */
  boolean flag(Connection connection, Instant now, Labeler labeler, String taskId, Remark remark)
      throws SQLException {
    LeaseRow lease = LeaseRow.ofTask(connection, taskId, labeler).orElse(null);
    if (lease == null) {
      return false;
    }
    if (end(connection, now, lease, LeaseRow.Phase.FLAGGED, Events.Kind.FLAGGED, detail(remark))) {
      withdrawIfFlagged(connection, now, lease);
    }
    return true;
  }

  private static void release(Connection connection, Instant now, LeaseRow lease)
      throws SQLException {
    end(connection, now, lease, LeaseRow.Phase.RELEASED, Events.Kind.RELEASED, Map.of());
  }

  private static Map<String, String> detail(Remark remark) {
    return Map.of("reason", remark.reason(), "text", remark.text());
  }

  /** Ends a lease before its time; false if it had ended. */
  private static boolean end(
      Connection connection,
      Instant now,
      LeaseRow lease,
      LeaseRow.Phase phase,
      Events.Kind kind,
      Map<String, ?> detail)
      throws SQLException {
    lease.reopen(connection);
    if (!lease.end(connection, phase)) {
      return false;
    }
    Events.append(connection, now, kind, lease.comparisonId(), lease.labeler(), detail);
    return true;
  }

  /** Counts a flag; enough of them take the task out. */
  private void withdrawIfFlagged(Connection connection, Instant now, LeaseRow lease)
      throws SQLException {
    Sql.update(
        connection, "UPDATE comparison SET flags = flags + 1 WHERE id = ?", lease.comparisonId());
    int withdrawn =
        Sql.update(
            connection,
            """
            UPDATE comparison SET phase = 'WITHDRAWN'
            WHERE id = ? AND flags >= ? AND phase IN ('OPEN', 'LEASED')""",
            lease.comparisonId(),
            settings.flags());
    if (withdrawn == 1) {
      Events.append(
          connection,
          now,
          Events.Kind.WITHDRAWN,
          lease.comparisonId(),
          lease.labeler(),
          Map.of("flags", settings.flags()));
    }
  }
}
