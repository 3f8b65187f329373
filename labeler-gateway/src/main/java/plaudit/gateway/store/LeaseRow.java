package plaudit.gateway.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.StatementContext;

/** A lease as the table has it. */
record LeaseRow(
    String id,
    String comparisonId,
    Labeler labeler,
    int epoch,
    Phase phase,
    int extensions,
    Instant grantedAt,
    Instant renewedAt,
    Instant expiresAt) {

  /** Where a lease stands. */
  enum Phase {
    ACTIVE,
    SUBMITTED,
    SKIPPED,
    FLAGGED,
    RELEASED,
    EXPIRED
  }

  private static final String SELECT = "SELECT l.* FROM lease l ";

  /**
   * Later leases of a comparison, hardly ever any. Nothing more is asked here: with the phase and
   * the time SQLite would read through all leases that are active.
   */
  static final String LATER = SELECT + "WHERE l.comparison_id = ? AND l.epoch > ?";

  boolean activeAt(Instant now) {
    return phase == Phase.ACTIVE && now.isBefore(expiresAt);
  }

  static Optional<LeaseRow> find(Transaction tx, String id, String vendor) {
    return tx.query(SELECT + "WHERE l.id = ? AND l.vendor = ?", id, vendor)
        .mapTo(LeaseRow.class)
        .findFirst();
  }

  /** Whether anyone of the vendor ever held a task. */
  static boolean anyOfTask(Transaction tx, String taskId, String vendor) {
    return tx.query(
            """
            SELECT 1 FROM lease
            WHERE comparison_id = (SELECT id FROM comparison WHERE task_id = ?) AND vendor = ?
            LIMIT 1""",
            taskId,
            vendor)
        .mapTo(Integer.class)
        .findFirst()
        .isPresent();
  }

  /** The labeler's newest lease of a task. */
  static Optional<LeaseRow> ofTask(Transaction tx, String taskId, Labeler labeler) {
    return tx.query(
            SELECT
                + """
                WHERE l.comparison_id = (SELECT id FROM comparison WHERE task_id = ?)
                  AND l.vendor = ? AND l.labeler = ? ORDER BY l.epoch DESC LIMIT 1""",
            taskId,
            labeler.vendor(),
            labeler.id())
        .mapTo(LeaseRow.class)
        .findFirst();
  }

  static List<LeaseRow> expired(Transaction tx, int limit) {
    return tx.query(
            SELECT + "WHERE l.phase = 'ACTIVE' AND l.expires_at <= ? ORDER BY l.expires_at LIMIT ?",
            tx.now(),
            limit)
        .mapTo(LeaseRow.class)
        .list();
  }

  /**
   * Leases of a vendor that still keep their comparison from others and were last renewed at {@code
   * before} or earlier.
   */
  static List<LeaseRow> silent(Transaction tx, String vendor, Instant before, int limit) {
    return tx.query(
            SELECT
                + """
                JOIN comparison c ON c.id = l.comparison_id AND c.epoch = l.epoch
                WHERE l.phase = 'ACTIVE' AND l.vendor = ? AND l.renewed_at <= ?
                  AND c.phase = 'LEASED' LIMIT ?""",
            vendor,
            before,
            limit)
        .mapTo(LeaseRow.class)
        .list();
  }

  /** Everything a vendor holds. */
  static List<LeaseRow> active(Transaction tx, String vendor) {
    return tx.query(
            SELECT + "WHERE l.phase = 'ACTIVE' AND l.vendor = ? ORDER BY l.comparison_id", vendor)
        .mapTo(LeaseRow.class)
        .list();
  }

  /** Whether the labeler holds a later lease of the same comparison. */
  boolean reissued(Transaction tx) {
    return tx.query(LATER, comparisonId, epoch).mapTo(LeaseRow.class).list().stream()
        .anyMatch(later -> later.labeler.equals(labeler) && later.activeAt(tx.now()));
  }

  static LeaseRow read(ResultSet row, StatementContext context) throws SQLException {
    return new LeaseRow(
        row.getString("id"),
        row.getString("comparison_id"),
        new Labeler(row.getString("vendor"), row.getString("labeler")),
        row.getInt("epoch"),
        Phase.valueOf(row.getString("phase")),
        row.getInt("extensions"),
        JudgmentRow.instant(row, "granted_at", context),
        JudgmentRow.instant(row, "renewed_at", context),
        JudgmentRow.instant(row, "expires_at", context));
  }

  void insert(Transaction tx, List<Integer> display) {
    tx.update(
        """
        INSERT INTO lease
          (id, comparison_id, vendor, labeler, epoch, phase, display, extensions, granted_at,
           renewed_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        id,
        comparisonId,
        labeler.vendor(),
        labeler.id(),
        epoch,
        phase,
        display.toString(),
        extensions,
        grantedAt,
        renewedAt,
        expiresAt);
  }

  /** Ends an active lease; false when it is over already. */
  boolean end(Transaction tx, Phase how) {
    return tx.update("UPDATE lease SET phase = ? WHERE id = ? AND phase = 'ACTIVE'", how, id) == 1;
  }

  /** Gives the comparison back to the queue, unless a later lease holds it. */
  void reopen(Transaction tx) {
    tx.update(
        "UPDATE comparison SET phase = 'OPEN' WHERE id = ? AND phase = 'LEASED' AND epoch = ?",
        comparisonId,
        epoch);
  }
}
