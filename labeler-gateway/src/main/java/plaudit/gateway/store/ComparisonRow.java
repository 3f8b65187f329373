package plaudit.gateway.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.jdbi.v3.core.statement.StatementContext;
import plaudit.gateway.json.Json;
import plaudit.labels.Comparison;
import plaudit.tokens.Tokens;

/**
 * A comparison with what the store keeps beside it.
 *
 * @param comparison as it was asked
 * @param taskId its opaque name
 * @param choiceIds opaque names of the samples, in the samples' order
 */
record ComparisonRow(Comparison comparison, String taskId, List<String> choiceIds) {

  /** The columns that {@link #read} wants, for a table named {@code c}. */
  static final String COLUMNS =
      "c.id AS comparison_id, c.task_id, c.query_text, c.query_tokens, c.samples";

  private record Sample(String choiceId, String text, Tokens tokens, long policyVersion) {}

  /** The comparison with a known id. */
  static ComparisonRow get(Transaction tx, String id) {
    return tx.query("SELECT " + COLUMNS + " FROM comparison c WHERE c.id = ?", id)
        .mapTo(ComparisonRow.class)
        .one();
  }

  static boolean exists(Transaction tx, String id) {
    return tx.query("SELECT COUNT(*) FROM comparison WHERE id = ?", id).mapTo(Long.class).one() > 0;
  }

  static ComparisonRow read(ResultSet row, StatementContext context) throws SQLException {
    List<Sample> samples = List.of(Json.read(row.getString("samples"), Sample[].class));
    return new ComparisonRow(
        new Comparison(
            row.getString("comparison_id"),
            Json.read(row.getString("query_tokens"), Tokens.class),
            row.getString("query_text"),
            samples.stream()
                .map(s -> new Comparison.Sample(s.tokens, s.text, s.policyVersion))
                .toList()),
        row.getString("task_id"),
        samples.stream().map(Sample::choiceId).toList());
  }

  /** Inserts the row as open. */
  void insert(Transaction tx, int overlap) {
    List<Sample> samples =
        IntStream.range(0, choiceIds.size())
            .mapToObj(
                i -> {
                  Comparison.Sample sample = comparison.samples().get(i);
                  return new Sample(
                      choiceIds.get(i), sample.text(), sample.response(), sample.policyVersion());
                })
            .toList();
    tx.update(
        """
        INSERT INTO comparison
          (id, task_id, query_text, query_tokens, samples, phase, epoch, overlap, admitted, flags,
           asked_at)
        VALUES (?, ?, ?, ?, ?, 'OPEN', 0, ?, 0, 0, ?)""",
        comparison.id(),
        taskId,
        comparison.queryText(),
        Json.write(comparison.query()),
        Json.write(samples),
        overlap,
        tx.now());
  }

  /** The comparison's name outside: its own id says whether it is for validation. */
  String publicId() {
    return "cm" + taskId.substring(taskId.indexOf('_'));
  }

  /** The task as shown in the given order. */
  Lease.Task task(List<Integer> display) {
    return new Lease.Task(
        taskId,
        publicId(),
        comparison.queryText(),
        display.stream()
            .map(i -> new Lease.Option(choiceIds.get(i), comparison.samples().get(i).text()))
            .toList());
  }
}
