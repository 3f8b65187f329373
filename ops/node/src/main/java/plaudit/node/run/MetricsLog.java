package plaudit.node.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * A file that numbers are appended to, one flat JSON object a line, safe to use from many threads.
 *
 * <p>A crash may tear the line that was being written: such a rest is cut off when the log is next
 * opened and passed over by readers. Numbers that JSON does not know (NaN, infinities) are written
 * as {@code null} and left out when read back.
 */
public final class MetricsLog implements AutoCloseable {

  /** Under which a line says which update it tells of. */
  private static final String UPDATE = "update";

  private final Path file;
  private final FileChannel channel;
  private final int linesPerSync;
  private final LineIndex index;
  private final Optional<EventFile> events;
  private int unsynced;
  private long step;

  private MetricsLog(
      Path file,
      FileChannel channel,
      int linesPerSync,
      LineIndex index,
      Optional<EventFile> events) {
    this.file = file;
    this.channel = channel;
    this.linesPerSync = linesPerSync;
    this.index = index;
    this.events = events;
  }

  /** Where each line lies in the file, without updates that were undone; 12 bytes a line. */
  private static final class LineIndex {
    private long[] begins = new long[64];
    private int[] lengths = new int[64];
    private int lines;

    void add(long begin, int length) {
      if (lines == begins.length) {
        begins = Arrays.copyOf(begins, 2 * lines);
        lengths = Arrays.copyOf(lengths, 2 * lines);
      }
      begins[lines] = begin;
      lengths[lines] = length;
      lines++;
    }
  }

  /**
   * Opens or creates the log.
   *
   * @param linesPerSync after how many lines the disk is waited for: 1 loses nothing when the power
   *     goes, more loses up to that many lines but costs less. What a killed process had appended
   *     is kept either way.
   */
  public static MetricsLog open(Path file, int linesPerSync) {
    if (linesPerSync < 1) {
      throw new IllegalArgumentException("linesPerSync: " + linesPerSync + " (expected: >= 1)");
    }
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      channel.truncate(endOfLastLine(channel));
      channel.position(channel.size());
      return new MetricsLog(file, channel, linesPerSync, index(file), Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open " + file, e);
    }
  }

  /**
   * The same log, of which what is appended from now on is also written for TensorBoard.
   *
   * @param directory gets a file of events
   */
  public MetricsLog withEvents(Path directory, InstantSource clock) {
    return new MetricsLog(
        file, channel, linesPerSync, index, Optional.of(EventFile.begin(directory, clock)));
  }

  /** Appends one line. */
  public void append(Map<String, ? extends Number> numbers) {
    ObjectNode line = JsonFiles.newObject();
    numbers.forEach((name, value) -> put(line, name, value));
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    write(bytes);
    events.ifPresent(it -> append(it, numbers));
  }

  /** A line that tells of no update belongs to the last one told of. */
  private synchronized void append(EventFile to, Map<String, ? extends Number> numbers) {
    Number update = numbers.get(UPDATE);
    step = update == null ? step : update.longValue();
    to.append(step, numbers);
  }

  /**
   * Some lines as they are in the file, without updates that were undone before the log was opened.
   * Reads the file: not for an actor's thread.
   *
   * @param from how many lines the caller has already
   * @param most how many to read at most
   */
  public List<String> lines(int from, int most) {
    long[] begins;
    int[] lengths;
    synchronized (this) {
      int first = Math.min(Math.max(0, from), index.lines);
      int end = first + Math.min(most, index.lines - first);
      begins = Arrays.copyOfRange(index.begins, first, end);
      lengths = Arrays.copyOfRange(index.lengths, first, end);
    }
    List<String> lines = new ArrayList<>(begins.length);
    try {
      for (int i = 0; i < begins.length; i++) {
        ByteBuffer line = ByteBuffer.allocate(lengths[i]);
        while (line.hasRemaining() && channel.read(line, begins[i] + line.position()) >= 0) {
          // Reads on until the line is whole.
        }
        lines.add(StandardCharsets.UTF_8.decode(line.flip()).toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    return lines;
  }

  /** Every line of {@code file} from first to last; none if there is no such file. */
  public static List<Map<String, Number>> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
    List<Map<String, Number>> lines = new ArrayList<>();
    int begin = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', begin)) {
      lines.add(parse(text.substring(begin, end), file, lines.size() + 1));
      begin = end + 1;
    }
    return Collections.unmodifiableList(lines);
  }

  /**
   * The same without what was undone: a run that goes on from a checkpoint makes the updates behind
   * it again, and tells of them again.
   */
  public static List<Map<String, Number>> readLine(Path file) {
    List<Map<String, Number>> lines = read(file);
    return standing(lines).mapToObj(lines::get).toList();
  }

  /** Which of the lines tell of something that was not undone. */
  private static IntStream standing(List<Map<String, Number>> lines) {
    boolean[] undone = new boolean[lines.size()];
    long earliest = Long.MAX_VALUE;
    for (int i = lines.size() - 1; i >= 0; i--) {
      Number update = lines.get(i).get(UPDATE);
      if (update != null) {
        undone[i] = update.longValue() >= earliest;
        earliest = Math.min(earliest, update.longValue());
      }
    }
    return IntStream.range(0, lines.size()).filter(i -> !undone[i]);
  }

  private static LineIndex index(Path file) throws IOException {
    List<long[]> lines = new ArrayList<>();
    byte[] text = Files.readAllBytes(file);
    int begin = 0;
    for (int end = 0; end < text.length; end++) {
      if (text[end] == '\n') {
        lines.add(new long[] {begin, end - begin});
        begin = end + 1;
      }
    }
    LineIndex index = new LineIndex();
    standing(read(file)).forEach(i -> index.add(lines.get(i)[0], (int) lines.get(i)[1]));
    return index;
  }

  /** Waits until everything is on the disk. */
  public synchronized void sync() {
    try {
      channel.force(false);
      unsynced = 0;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  @Override
  public synchronized void close() {
    try (channel) {
      if (channel.isOpen()) {
        channel.force(true);
      }
      events.ifPresent(EventFile::close);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private synchronized void write(ByteBuffer bytes) {
    try {
      index.add(channel.position(), bytes.remaining() - 1);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      unsynced++;
      if (unsynced >= linesPerSync) {
        channel.force(false);
        unsynced = 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void put(ObjectNode line, String name, Number value) {
    if (value instanceof Long || value instanceof Integer || value instanceof Short) {
      line.put(name, value.longValue());
    } else if (value instanceof Float number && Float.isFinite(number)) {
      line.put(name, number);
    } else if (Double.isFinite(value.doubleValue())) {
      line.put(name, value.doubleValue());
    } else {
      line.putNull(name);
    }
  }

  private static Map<String, Number> parse(String line, Path file, int lineNumber) {
    try {
      JsonNode object = JsonFiles.MAPPER.readTree(line);
      if (!object.isObject()) {
        throw notNumbers(file, lineNumber, line);
      }
      Map<String, Number> numbers = new LinkedHashMap<>();
      object
          .properties()
          .forEach(
              field -> {
                if (field.getValue().isNumber()) {
                  numbers.put(field.getKey(), field.getValue().numberValue());
                } else if (!field.getValue().isNull()) {
                  throw notNumbers(file, lineNumber, line);
                }
              });
      return Collections.unmodifiableMap(numbers);
    } catch (JsonProcessingException e) {
      throw notNumbers(file, lineNumber, line);
    }
  }

  private static InvalidInputException notNumbers(Path file, int lineNumber, String line) {
    String shown = line.length() > 80 ? line.substring(0, 80) + "..." : line;
    return InvalidInputException.of(
        "%s, line %d".formatted(file, lineNumber), shown, "a flat JSON object of numbers");
  }

  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long end = channel.size(); end > 0; end--) {
      one.clear();
      channel.read(one, end - 1);
      if (one.get(0) == '\n') {
        return end;
      }
    }
    return 0;
  }
}
