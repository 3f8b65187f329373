package plaudit.gateway.store;

import java.util.List;
import plaudit.gateway.json.Json;

/**
 * What one labeler judged.
 *
 * @param count how many comparisons
 * @param newest the newest judgments, newest first, each with the task as it was shown
 */
public record History(long count, List<Entry> newest) {

  /** One judgment and its task. */
  public record Entry(StoredJudgment judgment, Lease.Task task) {}

  public History {
    newest = List.copyOf(newest);
  }

  static History of(Transaction tx, Labeler labeler, int most) {
    long count =
        tx.query(
                """
                SELECT COUNT(*) FROM judgment
                WHERE vendor = ? AND labeler = ? AND disposition <> 'SUPERSEDED'\
                """,
                labeler.vendor(),
                labeler.id())
            .mapTo(Long.class)
            .one();
    return new History(
        count,
        JudgmentRow.newestOf(tx, labeler, most).stream()
            .map(row -> new Entry(row.stored(), row.comparison().task(display(tx, row))))
            .toList());
  }

  private static List<Integer> display(Transaction tx, JudgmentRow row) {
    String order =
        tx.query("SELECT display FROM lease WHERE id = ?", row.leaseId()).mapTo(String.class).one();
    return List.of(Json.read(order, Integer[].class));
  }
}
