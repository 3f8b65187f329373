package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A lease as the table has it. */
record LeaseRow(
    String id,
    String comparisonId,
    Labeler labeler,
    int epoch,
    Phase phase,
    int extensions,
    Instant granted,
    Instant expires) {

  /** Where a lease stands. */
  enum Phase {
    ACTIVE,
    SUBMITTED,
    SKIPPED,
    FLAGGED,
    RELEASED,
    EXPIRED
  }

  private static final String SELECT = "SELECT * FROM lease l ";

  boolean activeAt(Instant now) {
    return phase == Phase.ACTIVE && now.isBefore(expires);
  }

  static Optional<LeaseRow> find(Connection connection, String id, String vendor)
      throws SQLException {
    return Sql.one(
        connection, SELECT + "WHERE l.id = ? AND l.vendor = ?", LeaseRow::read, id, vendor);
  }

  /** The labeler's newest lease of a task. */
  static Optional<LeaseRow> ofTask(Connection connection, String taskId, Labeler labeler)
      throws SQLException {
    return Sql.one(
        connection,
        SELECT
            + """
            WHERE l.comparison_id = (SELECT id FROM comparison WHERE task_id = ?)
              AND l.vendor = ? AND l.labeler = ? ORDER BY l.epoch DESC LIMIT 1""",
        LeaseRow::read,
        taskId,
        labeler.vendor(),
        labeler.id());
  }

  static List<LeaseRow> expired(Connection connection, Instant now, int limit) throws SQLException {
    return Sql.list(
        connection,
        SELECT + "WHERE l.phase = 'ACTIVE' AND l.expires_at <= ? ORDER BY l.expires_at LIMIT ?",
        LeaseRow::read,
        now,
        limit);
  }

  /** Everything a vendor holds. */
  static List<LeaseRow> active(Connection connection, String vendor) throws SQLException {
    return Sql.list(
        connection,
        SELECT + "WHERE l.phase = 'ACTIVE' AND l.vendor = ? ORDER BY l.comparison_id",
        LeaseRow::read,
        vendor);
  }

  /** Whether the labeler holds a later lease of the same comparison. */
  boolean reissued(Connection connection, Instant now) throws SQLException {
    return Sql.number(
            connection,
            """
            SELECT COUNT(*) FROM lease WHERE comparison_id = ? AND vendor = ? AND labeler = ?
              AND epoch > ? AND phase = 'ACTIVE' AND expires_at > ?""",
            comparisonId,
            labeler.vendor(),
            labeler.id(),
            epoch,
            now)
        > 0;
  }

  void insert(Connection connection, String display) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO lease
          (id, comparison_id, vendor, labeler, epoch, phase, display, extensions, granted_at,
           expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        id,
        comparisonId,
        labeler.vendor(),
        labeler.id(),
        epoch,
        phase,
        display,
        extensions,
        granted,
        expires);
  }

  /** Ends an active lease; false when it is over already. */
  boolean end(Connection connection, Phase how) throws SQLException {
    return Sql.update(
            connection, "UPDATE lease SET phase = ? WHERE id = ? AND phase = 'ACTIVE'", how, id)
        == 1;
  }

  /** Gives the comparison back to the queue, unless a later lease holds it. */
  void reopen(Connection connection) throws SQLException {
    Sql.update(
        connection,
        "UPDATE comparison SET phase = 'OPEN' WHERE id = ? AND phase = 'LEASED' AND epoch = ?",
        comparisonId,
        epoch);
  }

  private static LeaseRow read(ResultSet row) throws SQLException {
    return new LeaseRow(
        row.getString("id"),
        row.getString("comparison_id"),
        new Labeler(row.getString("vendor"), row.getString("labeler")),
        row.getInt("epoch"),
        Phase.valueOf(row.getString("phase")),
        row.getInt("extensions"),
        Sql.instant(row, "granted_at"),
        Sql.instant(row, "expires_at"));
  }
}
