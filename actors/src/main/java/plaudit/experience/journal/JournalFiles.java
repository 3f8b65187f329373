package plaudit.experience.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;

/**
 * A journal as a directory of segments, {@code <number>-at-<checkpoint>.journal}, numbered in the
 * order of writing. Only the newest is appended to. Blocks on the disk.
 */
public final class JournalFiles implements Journal {

  private static final Logger LOG = LoggerFactory.getLogger(JournalFiles.class);
  private static final Pattern NAME = Pattern.compile("(\\d{1,10})-at-(\\d{1,18})\\.journal");

  private final Path directory;
  private final JournalSettings settings;
  private @Nullable Counter written;
  private @Nullable Timer forces;
  private @Nullable Segment open;

  /** A segment's file, and what its name says. */
  record Place(Path file, long number, long checkpoint) {}

  private JournalFiles(Path directory, JournalSettings settings) {
    this.directory = directory;
    this.settings = settings;
  }

  /** The journal in {@code directory}, which is created if it is missing. */
  public static JournalFiles in(Path directory, JournalSettings settings) {
    FileTree.create(directory);
    return new JournalFiles(directory, settings);
  }

  /**
   * Renames the journal of a run that is resumed without it: it would be wrong for one that is
   * resumed with it later.
   */
  public static void setAside(Path directory) {
    if (places(directory).isEmpty()) {
      return;
    }
    int number = 1;
    while (Files.exists(aside(directory, number))) {
      number++;
    }
    try {
      AtomicFile.rename(directory, aside(directory, number));
      LOG.warn("[{}] is not written on, and is now [{}]", directory, aside(directory, number));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rename " + directory, e);
    }
  }

  private static Path aside(Path directory, int number) {
    return directory.resolveSibling(directory.getFileName() + "-before-" + number);
  }

  @Override
  public void begin(Head head) {
    List<Place> before = places(directory);
    if (open != null) {
      timed(open::close);
    }
    long number = before.isEmpty() ? 1 : before.get(before.size() - 1).number() + 1;
    String name = "%06d-at-%d.journal".formatted(number, head.checkpoint());
    byte[] first = JournalCodec.toBytes(head);
    open = Segment.create(directory.resolve(name), first);
    wrote(first);
    if (!settings.keepsAll()) {
      forget(before, head.checkpoint());
    }
  }

  @Override
  public void append(Entry entry) {
    Segment segment = open;
    if (segment == null) {
      throw new IllegalStateException("no segment has begun");
    }
    byte[] record = JournalCodec.toBytes(entry);
    segment.append(record);
    wrote(record);
    if (settings.forcesEach()) {
      timed(segment::force);
    }
  }

  /** Registers how much is written, and how long the disk takes. */
  public JournalFiles metered(MeterRegistry registry) {
    written =
        Counter.builder("plaudit.journal.written")
            .description("Bytes of entries written to the journal")
            .baseUnit("bytes")
            .register(registry);
    forces =
        Timer.builder("plaudit.journal.force")
            .description("Time until what was written to the journal is on the disk")
            .register(registry);
    return this;
  }

  private void wrote(byte[] record) {
    if (written != null) {
      written.increment(record.length);
    }
  }

  private void timed(Runnable force) {
    if (forces == null) {
      force.run();
    } else {
      forces.record(force);
    }
  }

  /** An unfinished record at the end of the newest segment is cut off. */
  @Override
  public boolean read(long checkpoint, Consumer<Head> heads, Consumer<Entry> entries) {
    List<Place> places = places(directory);
    int first = places.size() - 1;
    while (first >= 0 && places.get(first).checkpoint() > checkpoint) {
      first--;
    }
    if (first < 0) {
      return false;
    }
    for (int i = first; i < places.size(); i++) {
      boolean newest = i == places.size() - 1;
      Path file = places.get(i).file();
      long end = read(file, newest, heads, entries);
      if (newest) {
        cut(file, end);
      }
    }
    return true;
  }

  /** Reads one segment; where its last whole record ends. */
  static long read(Path file, boolean newest, Consumer<Head> heads, Consumer<Entry> entries) {
    return Segment.read(file, newest, bytes -> JournalCodec.read(bytes, heads, entries));
  }

  /** All segments in the order of writing. */
  static List<Place> places(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<Place> places = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          places.add(new Place(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + directory, e);
    }
    places.sort(Comparator.comparingLong(Place::number));
    return places;
  }

  @Override
  public void close() {
    if (open != null) {
      open.close();
      open = null;
    }
  }

  /**
   * Deletes the segments that the two newest checkpoints do not need. Two are kept since the newest
   * may be damaged.
   */
  private static void forget(List<Place> before, long checkpoint) {
    long older =
        before.stream().mapToLong(Place::checkpoint).filter(c -> c < checkpoint).max().orElse(-1);
    int needed = before.size() - 1;
    while (needed >= 0 && before.get(needed).checkpoint() > older) {
      needed--;
    }
    for (int i = 0; i < needed; i++) {
      try {
        Files.deleteIfExists(before.get(i).file());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + before.get(i).file(), e);
      }
    }
  }

  private static void cut(Path file, long end) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long torn = channel.size() - end;
      if (torn > 0) {
        LOG.warn("[{}]: the last [{}] bytes are of an unfinished record, cut off", file, torn);
        channel.truncate(end);
        channel.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot mend " + file, e);
    }
  }
}
