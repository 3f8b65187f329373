package plaudit.simulation;

import java.util.BitSet;
import java.util.StringJoiner;

/**
 * Everything that goes wrong in one schedule, numbered as it comes. A schedule can be run again
 * without some of its faults: that is how a failure is shrunk to the few that matter.
 */
final class Faults {

  private final BitSet without;
  private int count;

  /**
   * Numbered from 0.
   *
   * @param without faults that do not happen this time
   */
  Faults(BitSet without) {
    this.without = without;
  }

  /** Chance has a fault here; says whether it really happens. */
  boolean strikes(boolean drawn) {
    return drawn && !without.get(count++);
  }

  /** Numbers as people write them: {@code 0-7,9}. */
  static String ranges(BitSet numbers) {
    StringJoiner ranges = new StringJoiner(",");
    for (int from = numbers.nextSetBit(0); from >= 0; ) {
      int to = numbers.nextClearBit(from);
      ranges.add(to == from + 1 ? "" + from : from + "-" + (to - 1));
      from = numbers.nextSetBit(to);
    }
    return ranges.toString();
  }

  /** The numbers behind {@code ranges}; none behind the empty text. */
  static BitSet numbers(String ranges) {
    BitSet numbers = new BitSet();
    for (String range : ranges.isEmpty() ? new String[0] : ranges.split(",", -1)) {
      String[] ends = range.split("-", 2);
      numbers.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return numbers;
  }

  /** How many faults chance had, those left out included. */
  int count() {
    return count;
  }
}
