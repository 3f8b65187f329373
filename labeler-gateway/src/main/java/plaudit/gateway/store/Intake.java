package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.labels.Comparison;

/**
 * How comparisons come into the store: asked of people, or with a verdict that was made elsewhere.
 * One whose id is known already stays as it is.
 */
final class Intake {

  private final StoreSettings settings;
  private final Ids ids;
  private final LeaseQueue queue;
  private final Judging judging;

  Intake(StoreSettings settings, Ids ids, LeaseQueue queue, Judging judging) {
    this.settings = settings;
    this.ids = ids;
    this.queue = queue;
    this.judging = judging;
  }

  /** Puts comparisons to people; says how many of them are new. */
  int ask(Connection connection, Instant now, List<Comparison> comparisons) throws SQLException {
    int fresh = 0;
    for (Comparison comparison : comparisons) {
      if (!isKnown(connection, comparison)) {
        insert(connection, now, comparison, settings.overlapOf(comparison.id()), null);
        fresh++;
      }
    }
    return fresh;
  }

  /**
   * Asks {@link ImportedJudgment#IMPORT} alone, who answers at once; says how many verdicts are
   * new.
   */
  int importJudgments(Connection connection, Instant now, List<ImportedJudgment> verdicts)
      throws SQLException {
    int fresh = 0;
    for (ImportedJudgment verdict : verdicts) {
      if (!isKnown(connection, verdict.comparison())) {
        importJudgment(connection, now, verdict);
        fresh++;
      }
    }
    return fresh;
  }

  private void importJudgment(Connection connection, Instant now, ImportedJudgment verdict)
      throws SQLException {
    String id = verdict.comparison().id();
    List<String> choices =
        insert(connection, now, verdict.comparison(), 1, ImportedJudgment.IMPORT);
    Lease lease = queue.claim(connection, now, id, ImportedJudgment.IMPORT).orElseThrow();
    Submission submission =
        new Submission(
            lease.leaseId(), lease.epoch(), verdict.answer(choices), null, null, null, null);
    JudgeOutcome outcome =
        judging.judge(connection, now, ImportedJudgment.IMPORT, submission, Optional.empty());
    if (!(outcome instanceof JudgeOutcome.Recorded)) {
      throw new IllegalStateException(
          "label store: %s was not recorded (%s)".formatted(id, outcome));
    }
  }

  /** Names the task and its choices, in the order of the samples. */
  private List<String> insert(
      Connection connection, Instant now, Comparison comparison, int overlap, @Nullable Labeler by)
      throws SQLException {
    List<String> choices = comparison.samples().stream().map(sample -> ids.next("ch")).toList();
    new ComparisonRow(comparison, ids.next("tk"), choices).insert(connection, overlap, now);
    Events.append(
        connection,
        now,
        Events.Kind.ASKED,
        comparison.id(),
        by,
        Map.of("samples", choices.size(), "overlap", overlap));
    return choices;
  }

  private static boolean isKnown(Connection connection, Comparison comparison) throws SQLException {
    return Sql.number(connection, "SELECT COUNT(*) FROM comparison WHERE id = ?", comparison.id())
        > 0;
  }
}
