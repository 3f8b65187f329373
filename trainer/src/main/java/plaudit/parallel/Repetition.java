package plaudit.parallel;

import java.nio.file.Path;
import java.util.function.Supplier;
import plaudit.optim.TrainedNet;
import plaudit.parallel.Division.Portion;
import plaudit.policy.Backward;
import plaudit.policy.Lesson;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.Parcels;

/**
 * Computes alone what {@link DataParallel} computed with helpers, equal to the bit: the same rows
 * together, the same sums in the same order. What a helper brought is computed from nothing, while
 * the sum so far is in a file, so that no gradient is held twice; that sum is then added, and which
 * of two numbers is added to which makes no difference.
 */
final class Repetition {

  private static final String SUM = "sum-so-far";

  private final Backward own;
  private final Supplier<Parcels> scratch;

  /**
   * A way to repeat.
   *
   * @param scratch takes a file of the size of a gradient; asked for when a helper brought some
   */
  Repetition(Backward own, Supplier<Parcels> scratch) {
    this.own = own;
    this.scratch = scratch;
  }

  /** One step, as it was divided. */
  void add(Lesson minibatch, double beta, UpdateStats stats, long untouched, Division division) {
    Step step = new Step(minibatch, beta, untouched);
    if (!division.isShared()) {
      step.compute(0, minibatch.rows(), stats);
      return;
    }
    step.compute(0, division.portions().get(0).rows(), stats);
    step.each(division, true, (from, to) -> apart(step, from, to, stats));
    step.each(division, false, (from, to) -> step.compute(from, to, stats));
  }

  private interface Rows {
    void of(int from, int to);
  }

  private final class Step {

    private final Lesson minibatch;
    private final double beta;
    private final long untouched;

    Step(Lesson minibatch, double beta, long untouched) {
      this.minibatch = minibatch;
      this.beta = beta;
      this.untouched = untouched;
    }

    void compute(int from, int to, UpdateStats stats) {
      own.of(minibatch.part(from, to), minibatch.weight(), beta, stats, untouched);
    }

    /** The helpers' rows that were brought, or that were not. */
    void each(Division division, boolean brought, Rows use) {
      int from = division.portions().get(0).rows();
      for (Portion portion : division.portions().subList(1, division.portions().size())) {
        int to = from + portion.rows();
        if (portion.brought() == brought) {
          use.of(from, to);
        }
        from = to;
      }
    }
  }

  private void apart(Step step, int from, int to, UpdateStats stats) {
    Parcels files = scratch.get();
    try {
      files.write(SUM, out -> NetFiles.writeGradients(own.nets(), out));
      Path sum = files.find(SUM).orElseThrow();
      own.nets().forEach(TrainedNet::clearGradients);
      UpdateStats theirs = new UpdateStats();
      step.compute(from, to, theirs);
      NetFiles.addGradients(NetFiles.open(sum, own.nets()), own.nets());
      stats.add(theirs.part());
    } finally {
      files.delete(SUM);
    }
  }
}
