package plaudit.experience.journal;

import java.util.function.Consumer;

/**
 * Where entries are kept: a chain of segments, each with a {@link Head} and the entries after it.
 * One writer at a time.
 */
public interface Journal extends AutoCloseable {

  /** Keeps nothing. */
  Journal NONE =
      new Journal() {
        @Override
        public void begin(Head head) {}

        @Override
        public void append(Entry entry) {}

        @Override
        public boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries) {
          return false;
        }

        @Override
        public void close() {}
      };

  /** Begins a segment. Segments that no kept checkpoint needs any more may be deleted. */
  void begin(Head head);

  /** Adds an entry to the newest segment; when this returns it outlives the process. */
  void append(Entry entry);

  /**
   * Reads what a run that resumes from {@code checkpoint} needs: the newest segment that began at
   * it or before, and all after that one.
   *
   * @param heads is given each segment's head, before the segment's entries
   * @return whether there is such a segment; if not, nothing is read
   */
  boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries);

  @Override
  void close();
}
