package plaudit.gateway.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What holds of a store between two transactions. A bad disk or a foreign hand may break it. What
 * follows from the judgments is set right; what is gone is only told.
 */
public final class StoreLaws {

  private static final Logger log = LoggerFactory.getLogger(StoreLaws.class);

  /** Rows that are named; of the others only the number is told. */
  private static final int NAMED = 10;

  private StoreLaws() {}

  /**
   * A law that did not hold.
   *
   * @param law what should be so
   * @param what is so instead
   * @param mended whether it was set right
   */
  public record Finding(String law, String what, boolean mended) {
    @Override
    public String toString() {
      return "%s: %s%s".formatted(law, what, mended ? " (mended)" : "");
    }
  }

  /** Rows that break a law, found by a query for their names, and what sets all of them right. */
  private record Rows(String law, String broken, Optional<String> mend) {
    Rows(String law, String broken, String mend) {
      this(law, broken, Optional.of(mend));
    }

    Rows(String law, String broken) {
      this(law, broken, Optional.empty());
    }
  }

  /**
   * Not by a condition on the disposition: SQLite would look through all admitted ones each time.
   */
  private static final String ADMITTED =
      """
      (SELECT COUNT(CASE WHEN j.disposition = 'ADMITTED' THEN 1 END) FROM judgment j
        WHERE j.comparison_id = comparison.id)\
      """;

  private static final String ITS_JUDGMENT =
      """
      EXISTS (SELECT 1 FROM judgment j
        WHERE j.comparison_id = lease.comparison_id AND j.lease_id = lease.id)\
      """;

  private static final String HOLDER =
      """
      EXISTS (SELECT 1 FROM lease l
        WHERE l.comparison_id = comparison.id AND l.epoch = comparison.epoch
          AND l.phase = 'ACTIVE')\
      """;

  /** In the order in which they are mended: a phase follows from the count. */
  private static final List<Rows> ROWS =
      List.of(
          new Rows(
              "a labeler's answers to a comparison are revisions 1 to n, of which the last counts",
              """
              SELECT comparison_id FROM judgment GROUP BY comparison_id, vendor, labeler
              HAVING COUNT(*) <> MAX(revision)
                OR SUM(CASE WHEN disposition = 'SUPERSEDED' THEN 0 ELSE 1 END) <> 1
                OR MAX(CASE WHEN disposition = 'SUPERSEDED' THEN 0 ELSE revision END)
                  <> MAX(revision)\
              """),
          new Rows(
              "an admitted judgment is a label, a surplus one is not",
              """
              SELECT id FROM judgment WHERE disposition = 'ADMITTED' AND label_sequence IS NULL
                OR disposition = 'SURPLUS' AND label_sequence IS NOT NULL\
              """),
          new Rows(
              "a judgment's lease is submitted",
              "SELECT id FROM lease WHERE phase <> 'SUBMITTED' AND " + ITS_JUDGMENT,
              "UPDATE lease SET phase = 'SUBMITTED' WHERE phase <> 'SUBMITTED' AND "
                  + ITS_JUDGMENT),
          new Rows(
              "a submitted lease has a judgment",
              "SELECT id FROM lease WHERE phase = 'SUBMITTED' AND NOT " + ITS_JUDGMENT,
              "UPDATE lease SET phase = 'EXPIRED' WHERE phase = 'SUBMITTED' AND NOT "
                  + ITS_JUDGMENT),
          new Rows(
              "an active lease is one that its comparison has given",
              """
              SELECT id FROM lease WHERE phase = 'ACTIVE'
                AND epoch > (SELECT epoch FROM comparison c WHERE c.id = comparison_id)\
              """,
              """
              UPDATE lease SET phase = 'EXPIRED' WHERE phase = 'ACTIVE'
                AND epoch > (SELECT epoch FROM comparison c WHERE c.id = comparison_id)\
              """),
          new Rows(
              "a comparison counts its admitted judgments",
              "SELECT id FROM comparison WHERE admitted <> " + ADMITTED,
              "UPDATE comparison SET admitted = %s WHERE admitted <> %s"
                  .formatted(ADMITTED, ADMITTED)),
          new Rows(
              "a comparison with all its judgments is judged",
              "SELECT id FROM comparison WHERE phase IN ('OPEN', 'LEASED') AND admitted >= overlap",
              """
              UPDATE comparison SET phase = 'JUDGED'
              WHERE phase IN ('OPEN', 'LEASED') AND admitted >= overlap\
              """),
          new Rows(
              "a comparison that is judged has all its judgments",
              "SELECT id FROM comparison WHERE phase = 'JUDGED' AND admitted < overlap",
              """
              UPDATE comparison SET phase = 'OPEN'
              WHERE phase = 'JUDGED' AND admitted < overlap\
              """),
          new Rows(
              "a leased comparison has a lease",
              "SELECT id FROM comparison WHERE phase = 'LEASED' AND NOT " + HOLDER,
              "UPDATE comparison SET phase = 'OPEN' WHERE phase = 'LEASED' AND NOT " + HOLDER));

  /**
   * Looks at a store that is being opened and says in the log what it found. A file, which has one
   * owner, is mended; in PostgreSQL other gateways may be at work, so nothing is changed there.
   */
  static List<Finding> atStart(Database database, Dialect dialect) {
    List<Finding> found =
        dialect == Dialect.SQLITE
            ? database.transaction(tx -> look(tx, true))
            : database.read(tx -> check(tx, dialect));
    for (Finding finding : found) {
      if (finding.mended()) {
        log.warn("The label store was not sound: [{}]", finding);
      } else {
        log.error("The label store is not sound: [{}]", finding);
      }
    }
    return found;
  }

  /** Every law that does not hold; changes nothing. The first statements of a transaction. */
  static List<Finding> check(Transaction tx, Dialect dialect) {
    tx.handle().execute(dialect.snapshot());
    return look(tx, false);
  }

  /** The queries that look for broken laws. */
  static List<String> queries() {
    return ROWS.stream().map(Rows::broken).toList();
  }

  private static List<Finding> look(Transaction tx, boolean mend) {
    List<Finding> found = new ArrayList<>();
    found.addAll(numbers(tx, "judgments", "arrival", "arrivals", mend));
    found.addAll(numbers(tx, "labels", "label_sequence", "labels", mend));
    for (Rows rows : ROWS) {
      List<String> broken = tx.query(rows.broken).mapTo(String.class).list();
      if (!broken.isEmpty()) {
        boolean mended = mend && rows.mend.isPresent();
        if (mended) {
          tx.update(rows.mend.get());
        }
        found.add(new Finding(rows.law, named(broken), mended));
      }
    }
    return found;
  }

  private record Numbers(long count, long last, long counter) {}

  /** Numbers are given in the order of the commits, each once and none left out. */
  private static List<Finding> numbers(
      Transaction tx, String what, String column, String counter, boolean mend) {
    Numbers now =
        tx.query(
                """
                SELECT COUNT(%1$s), COALESCE(MAX(%1$s), 0), (SELECT %2$s FROM counter WHERE id = 1)
                FROM judgment\
                """
                    .formatted(column, counter))
            .map((row, context) -> new Numbers(row.getLong(1), row.getLong(2), row.getLong(3)))
            .one();
    List<Finding> found = new ArrayList<>();
    if (now.count != now.last) {
      List<String> after =
          tx.query(
                  """
                  SELECT %1$s FROM judgment j WHERE %1$s > 1
                    AND NOT EXISTS (SELECT 1 FROM judgment b WHERE b.%1$s = j.%1$s - 1)
                  ORDER BY %1$s\
                  """
                      .formatted(column))
              .mapTo(String.class)
              .list();
      found.add(
          new Finding(
              what + " are numbered 1 to n",
              "%d of them, the last is number %d; something is missing before number %s"
                  .formatted(now.count, now.last, named(after)),
              false));
    }
    if (now.counter != now.last) {
      // A counter that is ahead has given numbers to rows that are gone: they are not given again.
      boolean behind = now.counter < now.last;
      if (behind && mend) {
        tx.update("UPDATE counter SET %s = ? WHERE id = 1".formatted(counter), now.last);
      }
      found.add(
          new Finding(
              "the counter of " + what + " is at the last one",
              "it is at %d, the last is number %d".formatted(now.counter, now.last),
              behind && mend));
    }
    return found;
  }

  private static String named(List<String> rows) {
    String first = String.join(", ", rows.subList(0, Math.min(NAMED, rows.size())));
    return rows.size() <= NAMED ? first : first + " and %d more".formatted(rows.size() - NAMED);
  }
}
