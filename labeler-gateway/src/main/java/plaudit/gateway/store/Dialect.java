package plaudit.gateway.store;

import plaudit.input.InvalidInputException;

/**
 * What the two databases do differently: only how candidates for a claim are picked. PostgreSQL
 * skips rows that another claim has locked. H2 does not lock at all here (its SKIP LOCKED locks
 * every matching row), the compare-and-set that follows decides.
 */
enum Dialect {
  H2(""),
  POSTGRESQL(" FOR UPDATE SKIP LOCKED");

  /**
   * Open comparisons, oldest first, that this labeler has neither answered, skipped nor flagged.
   * Ordered by both columns of the index: by the ordinal alone H2 would sort the whole queue.
   * Parameters: vendor, labeler, vendor, labeler, limit.
   */
  private static final String CANDIDATES =
      """
      SELECT c.id FROM comparison c
      WHERE c.phase = 'OPEN'
        AND NOT EXISTS (SELECT 1 FROM judgment j
          WHERE j.comparison_id = c.id AND j.vendor = ? AND j.labeler = ?)
        AND NOT EXISTS (SELECT 1 FROM lease l
          WHERE l.comparison_id = c.id AND l.vendor = ? AND l.labeler = ?
            AND l.phase IN ('SKIPPED', 'FLAGGED'))
      ORDER BY c.phase, c.ordinal LIMIT ?""";

  private final String locking;

  Dialect(String locking) {
    this.locking = locking;
  }

  String candidates() {
    return CANDIDATES + locking;
  }

  /** The dialect of a JDBC URL. */
  static Dialect of(String url) {
    if (url.startsWith("jdbc:h2:file:")) {
      return H2;
    }
    if (url.startsWith("jdbc:postgresql:")) {
      return POSTGRESQL;
    }
    throw InvalidInputException.of(
        "plaudit.gateway.store.url", url, "jdbc:h2:file:PATH or jdbc:postgresql://HOST/DATABASE");
  }
}
