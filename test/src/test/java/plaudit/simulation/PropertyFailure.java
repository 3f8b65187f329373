package plaudit.simulation;

import java.util.BitSet;
import java.util.Set;
import plaudit.simulation.Simulation.Outcome;

/**
 * A schedule that breaks a law, made small: as many faults as possible are left out while the same
 * law breaks.
 *
 * @param without the faults that are not needed
 * @param faults how many there were
 * @param outcome of the schedule without them
 * @param trace of the same
 */
record PropertyFailure(long seed, BitSet without, int faults, Outcome outcome, Trace trace) {

  private static final int TRIES = 400;
  private static final int LAST_EVENTS = 30;

  /** The schedule of {@code seed}, which is known to break a law. */
  static PropertyFailure of(long seed, Set<Defect> defects) {
    Outcome whole = Simulation.play(seed, defects);
    BitSet without = new BitSet();
    int faults = whole.faults();
    int tries = 0;
    for (int size = Math.max(1, faults); size > 0; size /= 2) {
      for (int from = 0; from < faults && tries < TRIES; from += size) {
        if (without.nextClearBit(from) < from + size) {
          BitSet less = (BitSet) without.clone();
          less.set(from, from + size);
          tries++;
          Outcome smaller = Simulation.play(seed, less, defects, Trace.none());
          if (law(smaller).equals(law(whole))) {
            without = less;
            faults = smaller.faults(); // other faults come in place of those left out
          }
        }
      }
    }
    Trace trace = Trace.written();
    return new PropertyFailure(
        seed, without, whole.faults(), Simulation.play(seed, without, defects, trace), trace);
  }

  private static String law(Outcome outcome) {
    return outcome.broken().map(Broken::law).orElse("");
  }

  /** How many faults are left. */
  int needed() {
    return outcome.faults() - without.get(0, outcome.faults()).cardinality();
  }

  /** What to read, and how to see it again. */
  String report() {
    return """
        seed %d breaks a law: %s
        %d faults, of which %d are enough. The same again:
          %s
        %s"""
        .formatted(
            seed,
            outcome.broken().map(Broken::getMessage).orElse("none"),
            faults,
            needed(),
            command(seed, without),
            String.join("\n", trace.end(LAST_EVENTS)));
  }

  /** What plays a schedule once more and tells all of it. */
  static String command(long seed, BitSet without) {
    String left = without.isEmpty() ? "" : " -Dsimulation.without=" + Faults.ranges(without);
    return "mvn -B test -pl test -am -Dtest=SimulationTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=%d%s".formatted(seed, left);
  }
}
