package plaudit.gateway.store;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import plaudit.gateway.store.Transaction.Event;
import plaudit.labels.actor.LabelStore;

/**
 * The emergency stop of the run: one row says whether a labeler stopped it, why and since when; who
 * it was is in the log. A further stop while it is stopped is written to the log alone.
 *
 * <p>No text can keep a stop from being stored: what a column cannot hold is replaced or cut.
 */
final class RunStop {

  private static final int LONGEST = 2000;
  private static final String NO_REASON = "no reason given";

  private RunStop() {}

  static void stop(Transaction tx, Labeler labeler, String reason) {
    String kept = storable(reason);
    tx.update(
        "UPDATE run_stop SET stopped = ?, reason = ?, changed_at = ? WHERE id = 1 AND NOT stopped",
        true,
        kept,
        tx.now());
    tx.append(Event.RUN_STOPPED, null, labeler, Map.of("reason", kept));
  }

  static void resume(Transaction tx, Labeler labeler, String reason) {
    String kept = storable(reason);
    tx.update(
        "UPDATE run_stop SET stopped = ?, reason = ?, changed_at = ? WHERE id = 1",
        false,
        kept,
        tx.now());
    tx.append(Event.RUN_RESUMED, null, labeler, Map.of("reason", kept));
  }

  /** The stop, if the run is stopped. */
  static Optional<LabelStore.Stop> find(Transaction tx) {
    return tx.query(
            """
            SELECT
              r.reason AS reason,
              COALESCE(e.vendor, '') AS vendor,
              COALESCE(e.labeler, '') AS labeler,
              COALESCE(r.changed_at, ?) AS since
            FROM run_stop r
            LEFT JOIN label_event e
              ON e.comparison_id IS NULL AND e.kind = 'RUN_STOPPED' AND e.at = r.changed_at
            WHERE r.id = 1 AND r.stopped ORDER BY e.id LIMIT 1\
            """,
            Instant.EPOCH)
        .mapTo(LabelStore.Stop.class)
        .findFirst()
        .map(stop -> stop.reason().isBlank() ? because(NO_REASON, stop) : stop);
  }

  /** Why the run is stopped, if it is. */
  static Optional<String> reason(Transaction tx) {
    return find(tx).map(LabelStore.Stop::reason);
  }

  private static LabelStore.Stop because(String reason, LabelStore.Stop stop) {
    return new LabelStore.Stop(reason, stop.vendor(), stop.labeler(), stop.since());
  }

  /** Without control characters and halves of characters, and short enough for every column. */
  static String storable(String reason) {
    StringBuilder kept = new StringBuilder();
    reason
        .codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .takeWhile(c -> kept.length() + Character.charCount(c) <= LONGEST)
        .forEach(kept::appendCodePoint);
    String text = kept.toString().strip();
    return text.isEmpty() ? NO_REASON : text;
  }
}
