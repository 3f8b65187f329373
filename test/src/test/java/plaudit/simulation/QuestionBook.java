package plaudit.simulation;

import static plaudit.simulation.Broken.unless;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import plaudit.experience.Grant;
import plaudit.experience.Pace;
import plaudit.experience.Purpose;
import plaudit.experience.Start;
import plaudit.scoring.Questions;

/**
 * What the ledger believes was asked against what is in the store. To believe in too much would
 * leave the schedule without labels for ever; to believe in too little wastes people's time. In
 * between lies only what is on its way, or was when an earlier ledger died.
 */
final class QuestionBook {

  private static final String LAW = "a question is counted once";
  private static final List<Purpose> PURPOSES = List.of(Purpose.QUESTION, Purpose.VALIDATION);

  private final World world;
  private final Map<Purpose, Long> counted = new EnumMap<>(Purpose.class);

  /** In the store when this ledger began. */
  private final Map<Purpose, Long> before = new EnumMap<>(Purpose.class);

  /** With somebody when earlier ledgers died. */
  private final Map<Purpose, Long> forgotten = new EnumMap<>(Purpose.class);

  private Iterable<Grant> open = List.of();

  QuestionBook(World world) {
    this.world = world;
    PURPOSES.forEach(purpose -> forgotten.put(purpose, 0L));
    restart(Start.FRESH);
  }

  /** A ledger begins, and the one before it is dead. */
  void restart(Start start) {
    for (Purpose purpose : PURPOSES) {
      forgotten.merge(purpose, unasked(purpose), Long::sum);
      before.put(purpose, world.shelf().stored(purpose));
    }
    counted.put(Purpose.QUESTION, start.questions());
    counted.put(Purpose.VALIDATION, start.validations());
    open = List.of();
  }

  void counted(Grant grant, int comparisons) {
    counted.merge(grant.purpose(), (long) comparisons, Long::sum);
  }

  /** Comparisons still to be asked. */
  long wanted(Pace pace) {
    return Math.max(0, pace.questions() - of(counted, Purpose.QUESTION))
        + Math.max(0, pace.validations() - of(counted, Purpose.VALIDATION));
  }

  /**
   * After each event.
   *
   * @param works that are open in the living ledger
   */
  void check(Iterable<Grant> works) {
    open = works;
    for (Purpose purpose : PURPOSES) {
      long believed = of(counted, purpose);
      long stored = world.shelf().stored(purpose);
      unless(believed <= stored, LAW, "%s: %d counted, %d stored", purpose, believed, stored);
      long explained =
          Math.max(believed, of(before, purpose)) + out(purpose) + of(forgotten, purpose);
      unless(stored <= explained, LAW, "%s: %d stored, %d known", purpose, stored, explained);
    }
  }

  private long out(Purpose purpose) {
    long out = 0;
    for (Grant grant : open) {
      out += grant.purpose() == purpose ? grant.prompts().size() : 0;
    }
    return out;
  }

  private long unasked(Purpose purpose) {
    long unasked = 0;
    for (Grant grant : open) {
      if (grant.purpose() == purpose) {
        unasked +=
            grant.prompts().stream()
                .filter(p -> !world.shelf().has(Questions.prefix(purpose) + p.id()))
                .count();
      }
    }
    return unasked;
  }

  private static long of(Map<Purpose, Long> map, Purpose purpose) {
    return map.getOrDefault(purpose, 0L);
  }
}
