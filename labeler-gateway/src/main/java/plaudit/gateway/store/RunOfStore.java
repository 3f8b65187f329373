package plaudit.gateway.store;

import java.util.Map;
import java.util.Optional;
import plaudit.gateway.store.Transaction.Event;

/**
 * The run whose labels a store has: the first that begins on it. Labels of another run come by an
 * import, never by opening its store.
 */
final class RunOfStore {

  private RunOfStore() {}

  /** The run's id; empty if none has begun. */
  static Optional<String> find(Transaction tx) {
    return tx.query("SELECT id FROM run").mapTo(String.class).findFirst();
  }

  /**
   * Makes the store the run's, if it has no run yet.
   *
   * @param resumed whether the run has begun before: one that an earlier release began has its
   *     questions here already
   * @return whose labels are here, if they are not this run's
   */
  static Optional<String> begin(Transaction tx, String run, boolean resumed) {
    Optional<String> owner = find(tx);
    if (owner.isPresent()) {
      return owner.filter(id -> !id.equals(run)).map(id -> "run " + id);
    }
    if (!resumed && hasQuestions(tx)) {
      return Optional.of("a run of an earlier release");
    }
    tx.update("INSERT INTO run (one, id, begun_at) VALUES (1, ?, ?)", run, tx.now());
    tx.append(Event.RUN_BEGUN, null, null, Map.of("run", run));
    return Optional.empty();
  }

  /** Whether anything but imports is here. */
  private static boolean hasQuestions(Transaction tx) {
    return tx.query(
            """
            SELECT EXISTS (SELECT 1 FROM comparison c WHERE NOT EXISTS
              (SELECT 1 FROM judgment j WHERE j.comparison_id = c.id AND j.vendor = ?))\
            """,
            ImportedJudgment.IMPORT.vendor())
        .mapTo(Boolean.class)
        .one();
  }
}
