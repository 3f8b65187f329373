package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import plaudit.labels.actor.LabelStore;

/** What the store counts of itself, within a transaction of somebody else. */
final class StoreCounts {

  private StoreCounts() {}

  /** Of the whole store. */
  static LabelStore.Status status(Connection connection) throws SQLException {
    return Sql.one(
            connection,
            """
            SELECT
              (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN') AS waiting,
              (SELECT COUNT(*) FROM comparison WHERE phase = 'LEASED') AS leased,
              (SELECT COUNT(*) FROM comparison
                WHERE admitted > 0 OR phase = 'WITHDRAWN') AS judged,
              (SELECT COUNT(*) FROM judgment
                WHERE disposition = 'ADMITTED' AND verdict IS NULL) AS preferences,
              (SELECT labels FROM counter WHERE id = 1) AS newest,
              (SELECT stopped FROM line WHERE id = 1) AS stopped\
            """,
            row ->
                new LabelStore.Status(
                    row.getLong("waiting"),
                    row.getLong("leased"),
                    row.getLong("judged"),
                    row.getLong("preferences"),
                    row.getLong("newest"),
                    row.getBoolean("stopped")))
        .orElseThrow();
  }

  /** What was asked so far under ids that begin with {@code prefix}. */
  static LabelStore.Asked asked(Connection connection, String prefix) throws SQLException {
    return Sql.one(
            connection,
            "SELECT COUNT(*) AS asked, MAX(id) AS newest FROM comparison" + " WHERE id LIKE ?",
            row ->
                new LabelStore.Asked(
                    row.getLong("asked"), Optional.ofNullable(row.getString("newest"))),
            prefix + "%")
        .orElseThrow();
  }

  /** A vendor's own numbers. */
  static VendorStats vendor(Connection connection, String vendor) throws SQLException {
    return Sql.one(
            connection,
            """
            SELECT
              COUNT(*) AS judgments,
              COALESCE(SUM(CASE WHEN disposition = 'ADMITTED' THEN 1 ELSE 0 END), 0)
                AS admitted,
              COALESCE(SUM(CASE WHEN disposition = 'SURPLUS' THEN 1 ELSE 0 END), 0)
                AS surplus,
              COALESCE(SUM(CASE WHEN late THEN 1 ELSE 0 END), 0) AS late,
              COALESCE(SUM(CASE WHEN revision > 1 THEN 1 ELSE 0 END), 0) AS amended,
              COALESCE(SUM(CASE WHEN verdict IS NOT NULL THEN 1 ELSE 0 END), 0)
                AS no_preference,
              COUNT(DISTINCT labeler) AS labelers,
              (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'SKIPPED')
                AS skipped,
              (SELECT COUNT(*) FROM lease WHERE vendor = ? AND phase = 'FLAGGED')
                AS flagged,
              (SELECT COUNT(*) FROM comparison WHERE phase = 'OPEN') AS waiting
            FROM judgment WHERE vendor = ? AND disposition <> 'SUPERSEDED'\
            """,
            row ->
                new VendorStats(
                    row.getLong("judgments"),
                    row.getLong("admitted"),
                    row.getLong("surplus"),
                    row.getLong("late"),
                    row.getLong("amended"),
                    row.getLong("no_preference"),
                    row.getLong("skipped"),
                    row.getLong("flagged"),
                    row.getLong("labelers"),
                    row.getLong("waiting")),
            vendor,
            vendor,
            vendor)
        .orElseThrow();
  }
}
