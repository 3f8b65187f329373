package plaudit.gateway.store;

import java.util.List;
import plaudit.labels.Comparison;
import plaudit.labels.actor.LabelStore;

/** What the store counts of itself; the columns have the names of the records' components. */
final class StoreCounts {

  private static final String EVALUATIONS = Comparison.EVALUATION + "%";

  private StoreCounts() {}

  /** The first columns of {@link LabelStore.Status}. */
  record Counts(
      long open,
      long leased,
      long judged,
      long preferences,
      long lastSequence,
      boolean stopped,
      boolean taken) {}

  /** Of the whole store, but for what measures a run at its end. */
  static LabelStore.Status status(Transaction tx) {
    Counts counts = counts(tx);
    return new LabelStore.Status(
        counts.open(),
        counts.leased(),
        counts.judged(),
        counts.preferences(),
        counts.lastSequence(),
        counts.stopped(),
        counts.taken(),
        holders(tx),
        vendors(tx));
  }

  private static Counts counts(Transaction tx) {
    return tx.query(
            """
            SELECT
              (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN' AND id NOT LIKE ?) AS open,
              (SELECT COUNT(*) FROM comparison WHERE phase = 'LEASED' AND id NOT LIKE ?) AS leased,
              (SELECT COUNT(*) FROM comparison
                WHERE (admitted > 0 OR phase = 'WITHDRAWN') AND id NOT LIKE ?) AS judged,
              (SELECT COUNT(*) FROM judgment WHERE disposition = 'ADMITTED' AND verdict IS NULL
                AND comparison_id NOT LIKE ?) AS preferences,
              (SELECT labels FROM counter WHERE id = 1) AS last_sequence,
              (SELECT stopped FROM run_stop WHERE id = 1) AS stopped,
              EXISTS (SELECT 1 FROM lease WHERE vendor <> ?) AS taken\
            """,
            EVALUATIONS,
            EVALUATIONS,
            EVALUATIONS,
            EVALUATIONS,
            ImportedJudgment.IMPORT.vendor())
        .mapTo(Counts.class)
        .one();
  }

  private static List<LabelStore.Holder> holders(Transaction tx) {
    return tx.query(
            """
            SELECT vendor, labeler, COUNT(*) AS tasks, MIN(granted_at) AS since
            FROM lease WHERE phase = 'ACTIVE' AND expires_at > ?
            GROUP BY vendor, labeler ORDER BY since, vendor, labeler LIMIT ?\
            """,
            tx.now(),
            LabelStore.HOLDERS)
        .mapTo(LabelStore.Holder.class)
        .list();
  }

  private static List<LabelStore.Holder> vendors(Transaction tx) {
    return tx.query(
            """
            SELECT vendor, '' AS labeler, COUNT(*) AS tasks, MIN(granted_at) AS since
            FROM lease WHERE phase = 'ACTIVE' AND expires_at > ?
            GROUP BY vendor ORDER BY since, vendor\
            """,
            tx.now())
        .mapTo(LabelStore.Holder.class)
        .list();
  }

  /** What was asked so far under ids that begin with {@code prefix}. */
  static LabelStore.Asked asked(Transaction tx, String prefix) {
    return tx.query(
            """
            SELECT COUNT(*) AS comparisons, MAX(id) AS newest
            FROM comparison WHERE SUBSTR(id, 1, ?) = ?\
            """,
            prefix.length(),
            prefix)
        .mapTo(LabelStore.Asked.class)
        .one();
  }

  /** How far comparisons whose ids begin with {@code prefix} are answered. */
  static JdbcLabels.Answered answered(Transaction tx, String prefix) {
    return tx.query(
            """
            SELECT COALESCE(SUM(admitted), 0) AS answers,
              COALESCE(SUM(CASE WHEN phase IN ('OPEN', 'LEASED') THEN 1 ELSE 0 END), 0) AS open
            FROM comparison WHERE SUBSTR(id, 1, ?) = ?\
            """,
            prefix.length(),
            prefix)
        .mapTo(JdbcLabels.Answered.class)
        .one();
  }

  /** A vendor's own numbers. */
  static VendorStats vendor(Transaction tx, String vendor) {
    return tx.query(
            """
            SELECT
              COUNT(*) AS judgments,
              COALESCE(SUM(CASE WHEN disposition = 'ADMITTED' THEN 1 ELSE 0 END), 0) AS admitted,
              COALESCE(SUM(CASE WHEN disposition = 'SURPLUS' THEN 1 ELSE 0 END), 0) AS surplus,
              COALESCE(SUM(CASE WHEN late THEN 1 ELSE 0 END), 0) AS late,
              COALESCE(SUM(CASE WHEN revision > 1 THEN 1 ELSE 0 END), 0) AS amended,
              COALESCE(SUM(CASE WHEN verdict IS NOT NULL THEN 1 ELSE 0 END), 0) AS no_preference,
              COUNT(DISTINCT labeler) AS labelers,
              (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'SKIPPED') AS skipped,
              (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'FLAGGED') AS flagged,
              (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN') AS open
            FROM judgment WHERE vendor = ? AND disposition <> 'SUPERSEDED'\
            """,
            vendor,
            vendor,
            vendor)
        .mapTo(VendorStats.class)
        .one();
  }
}
