package plaudit.node.run;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How fast it goes and how long it will still take, by the pace of the last minutes: work that was
 * done before a pause or a resume says little about the pace now.
 */
public final class Eta {

  private record Mark(Instant at, double done) {}

  private final Duration window;
  private final Deque<Mark> marks = new ArrayDeque<>();

  /** An estimate by the pace of the last {@code window}. */
  public Eta(Duration window) {
    this.window = window;
  }

  /** By {@code now} so much has been done; never less than before. */
  public void mark(Instant now, double done) {
    marks.addLast(new Mark(now, done));
    // One mark older than the window stays, so that slow work has two marks to measure between.
    while (marks.size() > 2 && !second().at().isAfter(now.minus(window))) {
      marks.removeFirst();
    }
  }

  /** Units of work a second; empty until something has been done. */
  public OptionalDouble perSecond() {
    if (marks.size() < 2) {
      return OptionalDouble.empty();
    }
    double seconds = Duration.between(marks.getFirst().at(), marks.getLast().at()).toNanos() / 1e9;
    double done = marks.getLast().done() - marks.getFirst().done();
    return seconds > 0 && done > 0 ? OptionalDouble.of(done / seconds) : OptionalDouble.empty();
  }

  /**
   * How long until {@code total} is done, seen from the last mark; empty while there is too little
   * to go by.
   */
  public Optional<Duration> until(double total) {
    OptionalDouble pace = perSecond();
    if (pace.isEmpty()) {
      return Optional.empty();
    }
    double left = Math.max(0, total - marks.getLast().done());
    return Optional.of(Duration.ofMillis(Math.round(1000 * left / pace.getAsDouble())));
  }

  private Mark second() {
    var all = marks.iterator();
    all.next();
    return all.next();
  }
}
