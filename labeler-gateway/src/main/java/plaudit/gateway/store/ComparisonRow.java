package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
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

  static ComparisonRow read(ResultSet row) throws SQLException {
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
  void insert(Connection connection, int overlap, Instant now) throws SQLException {
    List<Sample> samples =
        IntStream.range(0, choiceIds.size())
            .mapToObj(
                i -> {
                  Comparison.Sample sample = comparison.samples().get(i);
                  return new Sample(
                      choiceIds.get(i), sample.text(), sample.response(), sample.policyVersion());
                })
            .toList();
    Sql.update(
        connection,
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
        now);
  }

  /** The task as shown in the given order. */
  Lease.Task task(List<Integer> display) {
    return new Lease.Task(
        taskId,
        comparison.id(),
        comparison.queryText(),
        display.stream()
            .map(i -> new Lease.Option(choiceIds.get(i), comparison.samples().get(i).text()))
            .toList());
  }
}
