package plaudit.gateway.store;

import java.util.Map;
import java.util.Optional;
import plaudit.gateway.store.Transaction.Event;

/** The emergency stop of the run: one row says whether a labeler stopped it, and why. */
final class RunStop {

  private RunStop() {}

  static void stop(Transaction tx, Labeler labeler, String reason) {
    set(tx, true, reason);
    tx.append(Event.RUN_STOPPED, null, labeler, Map.of("reason", reason));
  }

  static void resume(Transaction tx, Labeler labeler, String reason) {
    set(tx, false, reason);
    tx.append(Event.RUN_RESUMED, null, labeler, Map.of("reason", reason));
  }

  /** Why the run is stopped, if it is. */
  static Optional<String> reason(Transaction tx) {
    return tx.query("SELECT reason FROM run_stop WHERE id = 1 AND stopped")
        .mapTo(String.class)
        .findFirst();
  }

  private static void set(Transaction tx, boolean stopped, String reason) {
    tx.update(
        "UPDATE run_stop SET stopped = ?, reason = ?, changed_at = ? WHERE id = 1",
        stopped,
        reason,
        tx.now());
  }
}
