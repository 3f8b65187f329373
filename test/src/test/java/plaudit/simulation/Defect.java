package plaudit.simulation;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import plaudit.experience.journal.DurableLedger;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/**
 * A mistake put into the rules or the protocol, to see that the laws notice. Those at the end were
 * in the code until the simulation found them.
 */
enum Defect {
  /** A batch that was delivered twice is served twice. */
  FORGETS_DELIVERIES,
  /** Work whose lease ran out, or whose holder died, stays where it was. */
  LOSES_OVERDUE_WORK,
  /** The same grant goes to two samplers. */
  LENDS_TWICE,
  /** The hard bound is not held. */
  IGNORES_STALENESS,
  /** A batch is served while work is out that will be too old after it. */
  DROPS_INSTEAD_OF_WAITING,
  /** Samplers run one version further ahead than eta. */
  ADMITS_TOO_MUCH,
  /** An answer leaves before it is in the journal, and the node dies in between. */
  ANSWERS_BEFORE_WRITING,
  /** A ledger that is resumed goes back to the checkpoint with the learner. */
  GOES_BACK_WITH_THE_LEARNER,
  /** Learning the same batch again makes other weights. */
  LEARNS_DIFFERENTLY_AGAIN,
  /** The policy does not wait for people. */
  IGNORES_PACE,
  /** A batch of questions counts double. */
  COUNTS_QUESTIONS_TWICE,
  /** The registry takes whatever comes. */
  ACCEPTS_ANY_VERSION,
  /** An amended label counts beside the one it replaced. */
  COUNTS_AMENDED_TWICE,
  /** Each seventh label gets lost on the way to the trainer. */
  LOSES_LABELS,
  /** A learner that is told of a labeler's stop goes on publishing. */
  GOES_ON_DESPITE_A_STOP,
  /** A learner that may go on takes what was held back for published. */
  FORGETS_WHAT_IS_HELD,

  /**
   * A buffer that starts again lets the policy play before it has heard how far the labels reach.
   */
  BEGINS_WITHOUT_A_WORD,
  /** A learner that asks twice for one version gets two batches. */
  SERVES_ANOTHER_BATCH,
  /** A buffer that starts again names its batches as the one before it did. */
  REUSES_BATCH_IDS,
  /** Only comparisons that are new to the store are reported as asked. */
  COUNTS_NEW_QUESTIONS_ONLY,
  /** Any answer of the registry is taken for the answer to the newest publication. */
  MISTAKES_LATE_ANSWERS,
  /** A learner that has published never hears that another went on. */
  FALLS_SILENT,
  /** Samplers and scorers say only once that they follow. */
  FOLLOWS_ONCE,
  /** A checkpoint is written before its version is announced, also while it is held back. */
  KEEPS_BEFORE_ANNOUNCING,
  /** A question that was flagged away is waited for. */
  FORGETS_WITHDRAWN,

  /**
   * A mistake of the checker: the second opinion is not held against the ledger. Then what the
   * ledger does wrong has to be noticed by what comes of it.
   */
  NOBODY_COMPARES;

  static RealLedger ledger(Set<Defect> defects, DurableLedger ledger) {
    return defects.isEmpty() ? new RealLedger(ledger) : new SpoiledLedger(defects, ledger);
  }

  static RealLineage lineage(Set<Defect> defects, Map<Model, Snapshot> recovered) {
    return defects.contains(ACCEPTS_ANY_VERSION)
        ? new SpoiledLineage(recovered)
        : new RealLineage(recovered);
  }

  static RealPool pool(Set<Defect> defects) {
    return defects.isEmpty() ? new RealPool() : new SpoiledPool(defects);
  }

  /** How {@link #MISTAKES_LATE_ANSWERS} reads an answer. */
  static PublishReply anyAnswer(Optional<Snapshot> unanswered, PublishReply reply) {
    return unanswered
        .<PublishReply>map(
            made ->
                reply instanceof PublishReply.Stale stale
                    ? new PublishReply.Stale(made.model(), made.version(), stale.current())
                    : new PublishReply.Accepted(made.model(), made.version()))
        .orElse(reply);
  }
}
