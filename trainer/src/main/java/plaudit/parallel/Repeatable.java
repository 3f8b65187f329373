package plaudit.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import plaudit.policy.Backward;
import plaudit.policy.Gradients;
import plaudit.policy.Lesson;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.Parcels;

/**
 * Gradients whose updates can be made again to the bit. One that is made for the first time is
 * shared with whoever is there, and how each step was divided is kept before anybody sees what came
 * of it. One that is made again is made as the record says, by the learner alone: after a kill,
 * when samplers hold what the first life published, and in a replay.
 */
public final class Repeatable implements Gradients {

  private final StepGradients first;
  private final Repetition repetition;
  private final SharedUpdates record;
  private final long made;
  private final boolean keeps;
  private final List<Division> steps = new ArrayList<>();
  private List<Division> before = List.of();
  private long version;

  private Repeatable(
      StepGradients first, Repetition repetition, SharedUpdates record, long made, boolean keeps) {
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
  public static Repeatable of(
      Backward own,
      DataParallel first,
      Supplier<Parcels> scratch,
      SharedUpdates record,
      long made) {
    return new Repeatable(first, new Repetition(own, scratch), record, made, true);
  }

  /** A replay's: all updates are made again, and the record stays as it is. */
  public static Repeatable again(Backward own, Supplier<Parcels> scratch, SharedUpdates record) {
    StepGradients never =
        (minibatch, beta, stats, untouched) -> {
          throw new IllegalStateException("a replay makes nothing for the first time");
        };
    return new Repeatable(never, new Repetition(own, scratch), record, Long.MAX_VALUE, false);
  }

  @Override
  public void begin(long version) {
    this.version = version;
    steps.clear();
    before = version <= made ? record.of(version) : List.of();
  }

  @Override
  public void add(Lesson minibatch, double beta, UpdateStats stats, long untouched) {
    if (version > made) {
      steps.add(first.add(minibatch, beta, stats, untouched));
      return;
    }
    Division division = then(minibatch.rows());
    repetition.add(minibatch, beta, stats, untouched, division);
    steps.add(division);
  }

  /** How the present step was divided then; a record of other steps, of other settings, is none. */
  private Division then(int rows) {
    if (steps.size() >= before.size()) {
      return Division.NONE;
    }
    Division division = before.get(steps.size());
    return division.rows() == rows ? division : Division.NONE;
  }

  @Override
  public void end() {
    if (keeps) {
      record.keep(version, steps);
    }
  }
}
