package plaudit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import plaudit.experience.journal.Entry;
import plaudit.experience.journal.Head;
import plaudit.experience.journal.Journal;

/** The journal of one run, on a disk that is never slow and never broken. */
final class SimulatedJournal implements Journal {

  private record Segment(Head head, List<Entry> entries) {}

  private final List<Segment> segments = new ArrayList<>();

  @Override
  public void begin(Head head) {
    segments.add(new Segment(head, new ArrayList<>()));
  }

  @Override
  public void append(Entry entry) {
    segments.get(segments.size() - 1).entries().add(entry);
  }

  @Override
  public boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries) {
    int first = segments.size() - 1;
    while (first >= 0 && segments.get(first).head().checkpoint() > checkpoint) {
      first--;
    }
    if (first < 0) {
      return false;
    }
    for (Segment segment : segments.subList(first, segments.size())) {
      heads.accept(segment.head());
      segment.entries().forEach(entries);
    }
    return true;
  }

  /** As if the newest entry had not been written when its answer left. */
  void loseTheLast() {
    List<Entry> entries = segments.get(segments.size() - 1).entries();
    if (!entries.isEmpty()) {
      entries.remove(entries.size() - 1);
    }
  }

  @Override
  public void close() {}
}
