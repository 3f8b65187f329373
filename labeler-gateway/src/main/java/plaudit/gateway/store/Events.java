package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.json.Json;

/** The append-only log: one row for every change, in the transaction that makes the change. */
final class Events {

  private Events() {}

  /** What can happen. */
  enum Kind {
    ASKED,
    LEASED,
    EXTENDED,
    RELEASED,
    EXPIRED,
    JUDGED,
    AMENDED,
    SKIPPED,
    FLAGGED,
    WITHDRAWN,
    LINE_STOPPED,
    LINE_RESUMED
  }

  static void append(
      Connection connection,
      Instant now,
      Kind kind,
      @Nullable String comparisonId,
      @Nullable Labeler labeler,
      Map<String, ?> detail)
      throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO label_event (at, kind, comparison_id, vendor, labeler, detail)
        VALUES (?, ?, ?, ?, ?, ?)""",
        now,
        kind,
        comparisonId,
        labeler == null ? null : labeler.vendor(),
        labeler == null ? null : labeler.id(),
        Json.write(detail));
  }
}
