package plaudit.gateway.store;

import java.time.Instant;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.json.Json;

/**
 * One transaction: statements with question marks, and the append-only log, which has one row for
 * every change in the transaction that makes the change. A statement that fails throws a {@link
 * org.jdbi.v3.core.JdbiException}, which only {@link Database} catches.
 *
 * @param now the instant of everything that happens in it
 */
record Transaction(Handle handle, Instant now) {

  /** What can happen. */
  enum Event {
    ASKED,
    LEASED,
    EXTENDED,
    RELEASED,
    EXPIRED,
    OFFERED_AGAIN,
    JUDGED,
    AMENDED,
    SKIPPED,
    FLAGGED,
    WITHDRAWN,
    RUN_BEGUN,
    RUN_STOPPED,
    RUN_RESUMED
  }

  Query query(String sql, @Nullable Object... values) {
    return handle.select(sql, values);
  }

  /** How many rows changed. */
  int update(String sql, @Nullable Object... values) {
    return handle.execute(sql, values);
  }

  void append(
      Event event,
      @Nullable String comparisonId,
      @Nullable Labeler labeler,
      Map<String, ?> detail) {
    update(
        """
        INSERT INTO label_event (at, kind, comparison_id, vendor, labeler, detail)
        VALUES (?, ?, ?, ?, ?, ?)""",
        now,
        event,
        comparisonId,
        labeler == null ? null : labeler.vendor(),
        labeler == null ? null : labeler.id(),
        Json.write(detail));
  }
}
