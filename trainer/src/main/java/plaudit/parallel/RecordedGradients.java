package plaudit.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.Gradients;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.TransferFiles;

/**
 * Gradients whose updates can be made again to the bit. One that is made for the first time is
 * shared with whoever is there, and how each step was divided is kept before anybody sees what came
 * of it. One that is made again is made as the record says, by the learner alone: after a kill,
 * when samplers hold what the first life published, and in a replay.
 */
public final class RecordedGradients implements Gradients {

  private final StepGradients first;
  private final GradientReplay repetition;
  private final ShardLog record;
  private final long made;
  private final boolean keeps;
  private final List<ShardPlan> steps = new ArrayList<>();
  private List<ShardPlan> before = List.of();
  private long version;

  private RecordedGradients(
      StepGradients first, GradientReplay repetition, ShardLog record, long made, boolean keeps) {
    this.first = first;
    this.repetition = repetition;
    this.record = record;
    this.made = made;
    this.keeps = keeps;
  }

  /**
   * A run's.
   *
   * @param first how updates are made for the first time
   * @param scratch takes files of the size of a gradient
   * @param record of earlier lives too
   * @param made the newest version that an earlier life may have published, 0 without one; up to
   *     that one all are made again
   */
  public static RecordedGradients of(
      GradientAccumulator own,
      DataParallel first,
      Supplier<TransferFiles> scratch,
      ShardLog record,
      long made) {
    return new RecordedGradients(first, new GradientReplay(own, scratch), record, made, true);
  }

  /** A replay's: all updates are made again, and the record stays as it is. */
  public static RecordedGradients again(
      GradientAccumulator own, Supplier<TransferFiles> scratch, ShardLog record) {
    StepGradients never =
        (minibatch, beta, stats, untouched) -> {
          throw new IllegalStateException("a replay makes nothing for the first time");
        };
    return new RecordedGradients(
        never, new GradientReplay(own, scratch), record, Long.MAX_VALUE, false);
  }

  @Override
  public void begin(long version) {
    this.version = version;
    steps.clear();
    before = version <= made ? record.of(version) : List.of();
  }

  @Override
  public void add(MinibatchTargets minibatch, double beta, UpdateStats stats, long untouched) {
    if (version > made) {
      steps.add(first.add(minibatch, beta, stats, untouched));
      return;
    }
    ShardPlan division = then(minibatch.rows());
    repetition.add(minibatch, beta, stats, untouched, division);
    steps.add(division);
  }

  /** How the present step was divided then; a record of other steps, of other settings, is none. */
  private ShardPlan then(int rows) {
    if (steps.size() >= before.size()) {
      return ShardPlan.NONE;
    }
    ShardPlan division = before.get(steps.size());
    return division.rows() == rows ? division : ShardPlan.NONE;
  }

  @Override
  public void end() {
    if (keeps) {
      record.keep(version, steps);
    }
  }
}
