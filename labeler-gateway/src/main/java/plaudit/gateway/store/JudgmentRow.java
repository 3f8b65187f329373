package plaudit.gateway.store;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.labels.Choice;
import plaudit.labels.Judgment;
import plaudit.labels.Label;

/** A judgment as the table has it, joined with its comparison. */
record JudgmentRow(
    String id,
    long arrival,
    @Nullable Long labelSequence,
    ComparisonRow comparison,
    Labeler labeler,
    int revision,
    String leaseId,
    Choice choice,
    Submission.@Nullable Confidence confidence,
    @Nullable Long visibleMillis,
    Submission.@Nullable Client client,
    Disposition disposition,
    boolean late,
    Instant decided,
    Instant received) {

  private static final String SELECT =
      "SELECT j.*, "
          + ComparisonRow.COLUMNS
          + " FROM judgment j JOIN comparison c ON c.id = j.comparison_id ";

  /**
   * Labels after a sequence. A row with a sequence is admitted or superseded; asking for what it is
   * not keeps H2 on the sequence's index, where it stops at the limit.
   */
  static final String LABELS =
      SELECT
          + """
          WHERE j.label_sequence > ? AND j.disposition <> 'SUPERSEDED'
          ORDER BY j.label_sequence LIMIT ?""";

  /** A vendor's judgments; ordered by all columns of the index, so that H2 reads a page only. */
  static final String OF_VENDOR =
      SELECT + "WHERE j.vendor = ? %sAND j.arrival > ? ORDER BY j.vendor, j.arrival LIMIT ?";

  /** The newest revision of what this labeler said of the comparison. */
  static Optional<JudgmentRow> newest(Connection connection, String comparisonId, Labeler labeler)
      throws SQLException {
    return Sql.one(
        connection,
        SELECT
            + """
            WHERE j.comparison_id = ? AND j.vendor = ? AND j.labeler = ?
            ORDER BY j.revision DESC LIMIT 1""",
        JudgmentRow::read,
        comparisonId,
        labeler.vendor(),
        labeler.id());
  }

  static Optional<JudgmentRow> find(Connection connection, String id, String vendor)
      throws SQLException {
    return Sql.one(
        connection, SELECT + "WHERE j.id = ? AND j.vendor = ?", JudgmentRow::read, id, vendor);
  }

  /** A vendor's judgments after an arrival number; every labeler's when none is named. */
  static List<JudgmentRow> list(
      Connection connection, String vendor, @Nullable String labeler, long after, int limit)
      throws SQLException {
    String ofLabeler = labeler == null ? "" : "AND j.labeler = ? ";
    String sql = OF_VENDOR.formatted(ofLabeler);
    return labeler == null
        ? Sql.list(connection, sql, JudgmentRow::read, vendor, after, limit)
        : Sql.list(connection, sql, JudgmentRow::read, vendor, labeler, after, limit);
  }

  static List<Label> labels(Connection connection, long after, int limit) throws SQLException {
    return Sql.list(
        connection,
        LABELS,
        row -> {
          JudgmentRow judgment = read(row);
          return new Label(
              row.getLong("label_sequence"),
              judgment.comparison.comparison(),
              new Judgment(
                  judgment.comparison.comparison().id(),
                  judgment.labeler.vendor(),
                  judgment.labeler.id(),
                  judgment.choice,
                  judgment.decided));
        },
        after,
        limit);
  }

  void insert(Connection connection) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO judgment
          (id, arrival, label_sequence, comparison_id, vendor, labeler, revision, lease_id,
           choice_index, verdict, confidence, visible_millis, client_name, client_version,
           disposition, late, decided_at, received_at, content_hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        id,
        arrival,
        labelSequence,
        comparison.comparison().id(),
        labeler.vendor(),
        labeler.id(),
        revision,
        leaseId,
        choice instanceof Choice.Best best ? best.index() : null,
        choice instanceof Choice.NoPreference none ? none.reason() : null,
        confidence,
        visibleMillis,
        client == null ? null : client.name(),
        client == null ? null : client.version(),
        disposition,
        late,
        decided,
        received,
        contentHash());
  }

  /** The judgment as its vendor sees it. */
  StoredJudgment stored() {
    return new StoredJudgment(
        id,
        comparison.comparison().id(),
        comparison.taskId(),
        leaseId,
        labeler.id(),
        revision,
        choice instanceof Choice.Best best ? comparison.choiceIds().get(best.index()) : null,
        choice instanceof Choice.NoPreference none ? none.reason() : null,
        confidence,
        visibleMillis,
        disposition,
        late,
        decided,
        received,
        contentHash());
  }

  /** Who chose what: stable for ever, so that a label can be named in a manifest. */
  private String contentHash() {
    String content =
        String.join(
            "\n",
            comparison.comparison().id(),
            labeler.vendor(),
            labeler.id(),
            String.valueOf(revision),
            choice instanceof Choice.Best best
                ? "best " + best.index()
                : ((Choice.NoPreference) choice).reason().name(),
            decided.toString());
    return Hashes.sha256(content.getBytes(StandardCharsets.UTF_8));
  }

  private static JudgmentRow read(ResultSet row) throws SQLException {
    String verdict = row.getString("verdict");
    String confidence = row.getString("confidence");
    String client = row.getString("client_name");
    return new JudgmentRow(
        row.getString("id"),
        row.getLong("arrival"),
        row.getObject("label_sequence", Long.class),
        ComparisonRow.read(row),
        new Labeler(row.getString("vendor"), row.getString("labeler")),
        row.getInt("revision"),
        row.getString("lease_id"),
        verdict == null
            ? new Choice.Best(row.getInt("choice_index"))
            : new Choice.NoPreference(Choice.Reason.valueOf(verdict)),
        confidence == null ? null : Submission.Confidence.valueOf(confidence),
        row.getObject("visible_millis", Long.class),
        client == null ? null : new Submission.Client(client, row.getString("client_version")),
        Disposition.valueOf(row.getString("disposition")),
        row.getBoolean("late"),
        Sql.instant(row, "decided_at"),
        Sql.instant(row, "received_at"));
  }
}
