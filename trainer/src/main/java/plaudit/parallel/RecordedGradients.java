package plaudit.parallel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import plaudit.optim.Network;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.Gradients;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.TransferFiles;

/**
 * Gradients whose updates can be repeated to the bit. A new update is shared with the helpers that
 * are present, and the plan of each step is logged before the update's weights are published. A
 * repeated update is computed as its log says, by the learner alone: after a kill, when samplers
 * may hold versions that the killed process published, and in a replay.
 */
public final class RecordedGradients implements Gradients {

  private final Sharing sharing;
  private final GradientReplay replay;
  private final ShardLog log;
  private final long published;
  private final boolean keeps;
  private final List<ShardPlan> steps = new ArrayList<>();
  private List<ShardPlan> recorded = List.of();
  private long version;

  /** Computes the gradient of one step's minibatch and tells how its rows were shared. */
  @FunctionalInterface
  private interface Sharing {
    ShardPlan add(MinibatchTargets minibatch, double beta, UpdateStats stats, long unchanged);
  }

  private RecordedGradients(
      Sharing sharing, GradientReplay replay, ShardLog log, long published, boolean keeps) {
    this.sharing = sharing;
    this.replay = replay;
    this.log = log;
    this.published = published;
    this.keeps = keeps;
  }

  /**
   * A run's.
   *
   * @param sharing computes new updates
   * @param scratch takes files of the size of a gradient
   * @param log of earlier parts of the run too
   * @param published the newest version that an earlier part of the run may have published, 0
   *     without one; up to that one all are repeated
   */
  public static RecordedGradients of(
      GradientAccumulator own,
      DataParallel sharing,
      Supplier<TransferFiles> scratch,
      ShardLog log,
      long published) {
    return new RecordedGradients(
        sharing::add, new GradientReplay(own, scratch), log, published, true);
  }

  /** A replay's: all updates are repeated, and the log stays as it is. */
  public static RecordedGradients again(
      GradientAccumulator own, Supplier<TransferFiles> scratch, ShardLog log) {
    Sharing none =
        (minibatch, beta, stats, unchanged) -> {
          throw new IllegalStateException("a replay computes no new update");
        };
    return new RecordedGradients(
        none, new GradientReplay(own, scratch), log, Long.MAX_VALUE, false);
  }

  @Override
  public void begin(long version) {
    this.version = version;
    steps.clear();
    recorded = version <= published ? log.of(version) : List.of();
  }

  @Override
  public void add(MinibatchTargets minibatch, double beta, UpdateStats stats, long unchanged) {
    if (version > published) {
      steps.add(sharing.add(minibatch, beta, stats, unchanged));
      return;
    }
    ShardPlan plan = recordedPlan(minibatch.rows());
    replay.add(minibatch, beta, stats, unchanged, plan);
    steps.add(plan);
  }

  /** The present step's plan in the log; one of other steps, from other settings, is ignored. */
  private ShardPlan recordedPlan(int rows) {
    if (steps.size() >= recorded.size()) {
      return ShardPlan.NONE;
    }
    ShardPlan plan = recorded.get(steps.size());
    return plan.rows() == rows ? plan : ShardPlan.NONE;
  }

  @Override
  public void end() {
    if (keeps) {
      log.keep(version, steps);
    }
  }

  /**
   * Computes alone what {@link DataParallel} computed with helpers, equal to the bit: the same rows
   * together, the same sums in the same order. A helper's portion is computed from zero, in the
   * helper's shape, while the sum so far is in a file, so that no gradient is held twice; that sum
   * is then added, and the order of the two summands makes no difference.
   *
   * @param scratch takes a file of the size of a gradient; asked for when a helper delivered
   */
  private record GradientReplay(GradientAccumulator own, Supplier<TransferFiles> scratch) {

    private static final String SUM = "sum-so-far";

    void add(
        MinibatchTargets minibatch,
        double beta,
        UpdateStats stats,
        long unchanged,
        ShardPlan plan) {
      if (!plan.isShared()) {
        own.add(minibatch, beta, stats, unchanged);
        return;
      }
      long outOf = minibatch.weight();
      List<Portion> portions = plan.portions();
      List<MinibatchTargets> rows = new ArrayList<>();
      int from = 0;
      for (Portion portion : portions) {
        rows.add(minibatch.part(from, from + portion.rows()));
        from += portion.rows();
      }
      own.addPart(rows.get(0), outOf, beta, stats, unchanged);
      for (int i = 1; i < portions.size(); i++) {
        if (portions.get(i).helper().isPresent()) {
          ComputeShape shape = portions.get(i).helper().get().or(own.shape());
          UpdateStats theirs = new UpdateStats();
          MinibatchTargets part = rows.get(i);
          fromZero(() -> own.addPartAs(shape, part, outOf, beta, theirs, unchanged));
          stats.add(theirs.part());
        }
      }
      for (int i = 1; i < portions.size(); i++) {
        if (portions.get(i).helper().isEmpty()) {
          own.addPart(rows.get(i), outOf, beta, stats, unchanged);
        }
      }
    }

    private void fromZero(Runnable computation) {
      TransferFiles files = scratch.get();
      try {
        files.write(SUM, out -> GradientCodec.writeGradients(own.nets(), out));
        Path sum = files.find(SUM).orElseThrow();
        own.nets().forEach(Network::clearGradients);
        computation.run();
        GradientCodec.addGradients(GradientCodec.open(sum, own.nets()), own.nets());
      } finally {
        files.delete(SUM);
      }
    }
  }
}
