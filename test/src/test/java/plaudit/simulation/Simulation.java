package plaudit.simulation;

import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** Plays one schedule from its seed to the end of the run, or to the first broken law. */
final class Simulation {

  /** Virtual milliseconds after the storm in which the run has to end. */
  static final long PATIENCE = 120_000;

  /**
   * How it ended.
   *
   * @param events that happened
   * @param millis virtual time at the end
   * @param afterStorm virtual time from the end of the storm to that of the run, 0 if it was sooner
   * @param faults that chance had, those left out included
   * @param broken the law, if one was
   * @param tally what happened how often
   */
  record Outcome(
      long events,
      long millis,
      long afterStorm,
      int faults,
      Optional<Broken> broken,
      EventCounts tally) {}

  private Simulation() {}

  /** One schedule, as it comes. */
  static Outcome play(long seed, Set<Defect> defects) {
    return play(seed, new BitSet(), defects, Trace.none());
  }

  /**
   * One schedule.
   *
   * @param without the faults that do not happen, by number
   * @param trace is told everything
   */
  static Outcome play(long seed, BitSet without, Set<Defect> defects, Trace trace) {
    Chance chance = new Chance(seed);
    Scenario scenario = Scenario.of(chance);
    Faults faults = new Faults(without);
    World world = new World(scenario, chance, faults, defects, trace);
    long events = 0;
    Optional<Broken> broken = Optional.empty();
    try {
      world.start();
      while (!isFinished(world)) {
        Broken.unless(
            world.millis() < scenario.storm() + PATIENCE,
            "the run ends",
            "it has not, %d s after the storm",
            PATIENCE / 1000);
        world.step();
        events++;
      }
      world.laws().finished();
    } catch (Broken e) {
      broken = Optional.of(e);
    } catch (RuntimeException e) {
      broken = Optional.of(new Broken("nobody fails", e));
    }
    return new Outcome(
        events,
        world.millis(),
        Math.max(0, world.millis() - scenario.storm()),
        faults.count(),
        broken,
        world.tally());
  }

  /** All updates are published, and all trainings of the reward model. */
  private static boolean isFinished(World world) {
    Snapshot policy = world.disk().published().get(Model.POLICY);
    Snapshot reward = world.disk().published().get(Model.REWARD);
    return policy != null
        && reward != null
        && policy.version() == world.scenario().updates()
        && reward.version() + 1 == world.scenario().schedule().trainings();
  }
}
