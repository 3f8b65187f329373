package plaudit.lab.gateway;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plaudit.gateway.store.StoreSettings;

/**
 * What must hold of a label store, read by plain SQL and not by the code that wrote it.
 *
 * @param judgments rows, superseded revisions included
 * @param lost acknowledged judgments that are not there, or not as they were acknowledged
 * @param lostLeases granted leases that are not there
 * @param faults what does not hold, in words
 */
record StoreAudit(long judgments, int lost, int lostLeases, List<String> faults) {

  private static final int NAMED = 5;

  /** Queries that must give no row: each row is a fault. */
  private static final Map<String, String> LAWS =
      Map.of(
          "admitted is not the count of its admitted judgments",
          """
          SELECT c.id FROM comparison c
          LEFT JOIN judgment j ON j.comparison_id = c.id GROUP BY c.id, c.admitted
          HAVING c.admitted <> COUNT(CASE WHEN j.disposition = 'ADMITTED' THEN 1 END)\
          """,
          "more labels than wanted",
          "SELECT id FROM comparison WHERE admitted > overlap",
          "open although it has what it needs",
          "SELECT id FROM comparison WHERE phase IN ('OPEN', 'LEASED') AND admitted >= overlap",
          "closed although it needs more",
          "SELECT id FROM comparison WHERE phase = 'JUDGED' AND admitted < overlap",
          "leased without a lease",
          """
          SELECT c.id FROM comparison c WHERE c.phase = 'LEASED' AND NOT EXISTS (
            SELECT 1 FROM lease l WHERE l.comparison_id = c.id AND l.epoch = c.epoch)\
          """,
          "two judgments stand of one labeler",
          """
          SELECT comparison_id FROM judgment WHERE disposition <> 'SUPERSEDED'
          GROUP BY comparison_id, vendor, labeler HAVING COUNT(*) > 1\
          """);

  /** Pairs of numbers that must be the same. */
  private static final Map<String, String> SAME =
      Map.of(
          "arrivals have gaps (judgments, highest)",
          "SELECT COUNT(*), COALESCE(MAX(arrival), 0) FROM judgment",
          "labels have gaps (labels, highest)",
          "SELECT COUNT(label_sequence), COALESCE(MAX(label_sequence), 0) FROM judgment",
          "the counter is not the last arrival",
          "SELECT (SELECT arrivals FROM counter), (SELECT COALESCE(MAX(arrival), 0) FROM judgment)",
          "the counter is not the last label",
          "SELECT (SELECT labels FROM counter), (SELECT COALESCE(MAX(label_sequence), 0) FROM"
              + " judgment)",
          "events and judgments differ",
          "SELECT (SELECT COUNT(*) FROM label_event WHERE kind IN ('JUDGED', 'AMENDED')), (SELECT"
              + " COUNT(*) FROM judgment)",
          "events and leases differ",
          "SELECT (SELECT COUNT(*) FROM label_event WHERE kind = 'LEASED'), (SELECT COUNT(*) FROM"
              + " lease)");

  StoreAudit {
    faults = List.copyOf(faults);
  }

  boolean holds() {
    return faults.isEmpty();
  }

  /**
   * Reads the whole store while no gateway has it.
   *
   * @param readOnly leaves a write-ahead log of SQLite as it is, for the next gateway to recover
   */
  static StoreAudit of(
      StoreSettings store, boolean readOnly, Receipts receipts, Receipts.Mark upTo) {
    boolean sqlite = store.url().startsWith("jdbc:sqlite:");
    String url = sqlite && readOnly ? store.url() + "?open_mode=1" : store.url();
    try (Connection connection = DriverManager.getConnection(url, store.user(), store.password());
        Statement statement = connection.createStatement()) {
      List<String> faults = new ArrayList<>();
      if (sqlite) {
        soundness(statement, faults);
      }
      for (Map.Entry<String, String> law : LAWS.entrySet()) {
        List<String> rows = column(statement, law.getValue());
        if (!rows.isEmpty()) {
          faults.add("%s: %s".formatted(law.getKey(), some(rows)));
        }
      }
      for (Map.Entry<String, String> law : SAME.entrySet()) {
        try (ResultSet row = statement.executeQuery(law.getValue())) {
          row.next();
          if (row.getLong(1) != row.getLong(2)) {
            faults.add("%s: %d, %d".formatted(law.getKey(), row.getLong(1), row.getLong(2)));
          }
        }
      }
      Set<String> lost = missing(statement, receipts.judgments(upTo));
      if (!lost.isEmpty()) {
        faults.add("acknowledged judgments are lost: " + some(List.copyOf(lost)));
      }
      Set<String> leases = new HashSet<>(receipts.leases(upTo));
      leases.removeAll(new HashSet<>(column(statement, "SELECT id FROM lease")));
      if (!leases.isEmpty()) {
        faults.add("granted leases are lost: " + some(List.copyOf(leases)));
      }
      return new StoreAudit(
          count(statement, "SELECT COUNT(*) FROM judgment"), lost.size(), leases.size(), faults);
    } catch (SQLException e) {
      return new StoreAudit(0, 0, 0, List.of("the store cannot be read: " + e.getMessage()));
    }
  }

  /** Acknowledged judgments without a row that says the same. */
  private static Set<String> missing(Statement statement, Map<String, Receipts.Judged> acknowledged)
      throws SQLException {
    Set<String> missing = new HashSet<>(acknowledged.keySet());
    try (ResultSet row =
        statement.executeQuery("SELECT id, vendor, labeler, content_hash FROM judgment")) {
      while (row.next()) {
        Receipts.Judged stored =
            new Receipts.Judged(
                row.getString(1), row.getString(2), row.getString(3), row.getString(4));
        if (stored.equals(acknowledged.get(stored.id()))) {
          missing.remove(stored.id());
        }
      }
    }
    return missing;
  }

  private static void soundness(Statement statement, List<String> faults) throws SQLException {
    List<String> said = column(statement, "PRAGMA integrity_check");
    if (!said.equals(List.of("ok"))) {
      faults.add("the file is damaged: " + some(said));
    }
  }

  private static List<String> column(Statement statement, String query) throws SQLException {
    List<String> values = new ArrayList<>();
    try (ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }

  private static long count(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String some(List<String> all) {
    return all.size() + " (" + String.join(", ", all.subList(0, Math.min(NAMED, all.size()))) + ")";
  }
}
