package plaudit.parallel;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import plaudit.optim.TrainedNet;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.TransferFiles;

/**
 * Computes alone what {@link DataParallel} computed with helpers, equal to the bit: the same rows
 * together, the same sums in the same order. What a helper brought is computed from nothing, in its
 * manner, while the sum so far is in a file, so that no gradient is held twice; that sum is then
 * added, and which of two numbers is added to which makes no difference.
 */
final class GradientReplay {

  private static final String SUM = "sum-so-far";

  private final GradientAccumulator own;
  private final Supplier<TransferFiles> scratch;

  /**
   * A way to repeat.
   *
   * @param scratch takes a file of the size of a gradient; asked for when a helper brought some
   */
  GradientReplay(GradientAccumulator own, Supplier<TransferFiles> scratch) {
    this.own = own;
    this.scratch = scratch;
  }

  /** One step, as it was divided. */
  void add(
      MinibatchTargets minibatch,
      double beta,
      UpdateStats stats,
      long untouched,
      ShardPlan division) {
    if (division.isShared()) {
      new Step(minibatch, beta, stats, untouched, division.portions()).add();
    } else {
      own.add(minibatch, beta, stats, untouched);
    }
  }

  private interface Use {
    void of(Portion portion, MinibatchTargets rows);
  }

  /** A step that was shared. */
  private final class Step {

    private final MinibatchTargets minibatch;
    private final double beta;
    private final UpdateStats stats;
    private final long untouched;
    private final List<Portion> portions;

    Step(
        MinibatchTargets minibatch,
        double beta,
        UpdateStats stats,
        long untouched,
        List<Portion> portions) {
      this.minibatch = minibatch;
      this.beta = beta;
      this.stats = stats;
      this.untouched = untouched;
      this.portions = portions;
    }

    void add() {
      compute(minibatch.part(0, portions.get(0).rows()));
      others((portion, rows) -> portion.brought().ifPresent(manner -> apart(rows, manner)));
      others(
          (portion, rows) -> {
            if (portion.brought().isEmpty()) {
              compute(rows);
            }
          });
    }

    private void others(Use use) {
      int from = portions.get(0).rows();
      for (Portion portion : portions.subList(1, portions.size())) {
        int to = from + portion.rows();
        use.of(portion, minibatch.part(from, to));
        from = to;
      }
    }

    private void compute(MinibatchTargets rows) {
      own.addPart(rows, minibatch.weight(), beta, stats, untouched);
    }

    private void apart(MinibatchTargets rows, ComputeShape told) {
      TransferFiles files = scratch.get();
      try {
        files.write(SUM, out -> NetFiles.writeGradients(own.nets(), out));
        Path sum = files.find(SUM).orElseThrow();
        own.nets().forEach(TrainedNet::clearGradients);
        UpdateStats theirs = new UpdateStats();
        ComputeShape manner = told.or(own.shape());
        own.addPartAs(manner, rows, minibatch.weight(), beta, theirs, untouched);
        NetFiles.addGradients(NetFiles.open(sum, own.nets()), own.nets());
        stats.add(theirs.part());
      } finally {
        files.delete(SUM);
      }
    }
  }
}
