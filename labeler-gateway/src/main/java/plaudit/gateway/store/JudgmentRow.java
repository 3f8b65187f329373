package plaudit.gateway.store;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import plaudit.files.Sha256;
import plaudit.gateway.store.StoredJudgment.Disposition;
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
    Instant received,
    String contentHash) {

  private static final String SELECT =
      "SELECT j.*, "
          + ComparisonRow.COLUMNS
          + " FROM judgment j JOIN comparison c ON c.id = j.comparison_id ";

  /**
   * Labels after a sequence. A row with a sequence is admitted or superseded; asking for what it is
   * not keeps the plan on the sequence's index, where it stops at the limit.
   */
  static final String LABELS =
      SELECT
          + """
          WHERE j.label_sequence > ? AND j.disposition <> 'SUPERSEDED'
          ORDER BY j.label_sequence LIMIT ?\
          """;

  /** A vendor's judgments; ordered by all columns of the index, so that only a page is read. */
  static final String OF_VENDOR =
      SELECT + "WHERE j.vendor = ? %sAND j.arrival > ? ORDER BY j.vendor, j.arrival LIMIT ?";

  /** The newest revision of what this labeler said of the comparison. */
  static Optional<JudgmentRow> newest(Transaction tx, String comparisonId, Labeler labeler) {
    return tx.query(
            SELECT
                + """
                WHERE j.comparison_id = ? AND j.vendor = ? AND j.labeler = ?
                ORDER BY j.revision DESC LIMIT 1\
                """,
            comparisonId,
            labeler.vendor(),
            labeler.id())
        .mapTo(JudgmentRow.class)
        .findFirst();
  }

  /** What stands of this labeler's judgments, newest first. */
  static List<JudgmentRow> newestOf(Transaction tx, Labeler labeler, int limit) {
    return tx.query(
            SELECT
                + """
                WHERE j.vendor = ? AND j.labeler = ? AND j.disposition <> 'SUPERSEDED'
                ORDER BY j.vendor DESC, j.arrival DESC LIMIT ?\
                """,
            labeler.vendor(),
            labeler.id(),
            limit)
        .mapTo(JudgmentRow.class)
        .list();
  }

  static Optional<JudgmentRow> find(Transaction tx, String id, String vendor) {
    return tx.query(SELECT + "WHERE j.id = ? AND j.vendor = ?", id, vendor)
        .mapTo(JudgmentRow.class)
        .findFirst();
  }

  /** A vendor's judgments after an arrival number; every labeler's when none is named. */
  static List<JudgmentRow> list(
      Transaction tx, String vendor, @Nullable String labeler, long after, int limit) {
    Query query =
        labeler == null
            ? tx.query(OF_VENDOR.formatted(""), vendor, after, limit)
            : tx.query(OF_VENDOR.formatted("AND j.labeler = ? "), vendor, labeler, after, limit);
    return query.mapTo(JudgmentRow.class).list();
  }

  static List<Label> labels(Transaction tx, long after, int limit) {
    return tx.query(LABELS, after, limit).mapTo(JudgmentRow.class).map(JudgmentRow::label).list();
  }

  private Label label() {
    return new Label(
        requireNonNull(labelSequence),
        comparison.comparison(),
        new Judgment(
            comparison.comparison().id(), labeler.vendor(), labeler.id(), choice, decided));
  }

  /** A judgment that has no numbers yet. */
  static JudgmentRow fresh(
      String id,
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
    return new JudgmentRow(
        id,
        0,
        null,
        comparison,
        labeler,
        revision,
        leaseId,
        choice,
        confidence,
        visibleMillis,
        client,
        disposition,
        late,
        decided,
        received,
        contentHash(comparison, labeler, revision, choice, decided));
  }

  /** Inserts the row under its numbers. */
  void insert(Transaction tx, long number, @Nullable Long sequence) {
    tx.update(
        """
        INSERT INTO judgment
          (id, arrival, label_sequence, comparison_id, vendor, labeler, revision, lease_id,
           choice_index, verdict, confidence, visible_millis, client_name, client_version,
           disposition, late, decided_at, received_at, content_hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
        """,
        id,
        number,
        sequence,
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
        contentHash);
  }

  /** The judgment as its vendor sees it. */
  StoredJudgment stored() {
    return new StoredJudgment(
        id,
        comparison.publicId(),
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
        contentHash);
  }

  /**
   * Who chose what, made once. Under the comparison's public name: its own id could be found by
   * trying.
   */
  private static String contentHash(
      ComparisonRow comparison, Labeler labeler, int revision, Choice choice, Instant decided) {
    String content =
        String.join(
            "\n",
            comparison.publicId(),
            labeler.vendor(),
            labeler.id(),
            String.valueOf(revision),
            choice instanceof Choice.Best best
                ? "best " + best.index()
                : ((Choice.NoPreference) choice).reason().name(),
            decided.toString());
    return Sha256.of(content);
  }

  static JudgmentRow read(ResultSet row, StatementContext context) throws SQLException {
    String verdict = row.getString("verdict");
    String confidence = row.getString("confidence");
    String client = row.getString("client_name");
    return new JudgmentRow(
        row.getString("id"),
        row.getLong("arrival"),
        Dialect.number(row, "label_sequence"),
        ComparisonRow.read(row, context),
        new Labeler(row.getString("vendor"), row.getString("labeler")),
        row.getInt("revision"),
        row.getString("lease_id"),
        verdict == null
            ? new Choice.Best(row.getInt("choice_index"))
            : new Choice.NoPreference(Choice.Reason.valueOf(verdict)),
        confidence == null ? null : Submission.Confidence.valueOf(confidence),
        Dialect.number(row, "visible_millis"),
        client == null ? null : new Submission.Client(client, row.getString("client_version")),
        Disposition.valueOf(row.getString("disposition")),
        row.getBoolean("late"),
        instant(row, "decided_at", context),
        instant(row, "received_at", context),
        row.getString("content_hash"));
  }

  static Instant instant(ResultSet row, String column, StatementContext context)
      throws SQLException {
    return context.findColumnMapperFor(Instant.class).orElseThrow().map(row, column, context);
  }
}
