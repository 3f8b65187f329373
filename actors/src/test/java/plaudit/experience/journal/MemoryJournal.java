package plaudit.experience.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A journal of bytes in memory: what a disk would have, and what is left after a cut. */
final class MemoryJournal implements Journal {

  private record Part(long checkpoint, List<byte[]> records) {}

  private final List<Part> parts = new ArrayList<>();

  @Override
  public void begin(Head head) {
    parts.add(new Part(head.checkpoint(), new ArrayList<>(List.of(JournalCodec.toBytes(head)))));
  }

  @Override
  public void append(Entry entry) {
    parts.get(parts.size() - 1).records().add(JournalCodec.toBytes(entry));
  }

  @Override
  public boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries) {
    int first = parts.size() - 1;
    while (first >= 0 && parts.get(first).checkpoint() > checkpoint) {
      first--;
    }
    if (first < 0) {
      return false;
    }
    List.copyOf(parts.subList(first, parts.size()))
        .forEach(
            part ->
                List.copyOf(part.records())
                    .forEach(bytes -> JournalCodec.read(bytes, heads, entries)));
    return true;
  }

  @Override
  public void close() {}
}
