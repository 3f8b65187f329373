package plaudit.node.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.input.InvalidInputException;

/**
 * A file that numbers are appended to, one flat JSON object a line, safe to use from many threads.
 *
 * <p>A crash may tear the line that was being written: such a rest is cut off when the log is next
 * opened and passed over by readers. Numbers that JSON does not know (NaN, infinities) are written
 * as {@code null} and left out when read back.
 */
public final class MetricsLog implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Under which a line says which update it tells of. */
  private static final String UPDATE = "update";

  private final Path file;
  private final FileChannel channel;
  private final int linesPerSync;
  private int unsynced;

  private MetricsLog(Path file, FileChannel channel, int linesPerSync) {
    this.file = file;
    this.channel = channel;
    this.linesPerSync = linesPerSync;
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
      return new MetricsLog(file, channel, linesPerSync);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open " + file, e);
    }
  }

  /** Appends one line. */
  public void append(Map<String, ? extends Number> numbers) {
    ObjectNode line = JSON.createObjectNode();
    numbers.forEach((name, value) -> put(line, name, value));
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    write(bytes);
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
    List<Map<String, Number>> line = new ArrayList<>();
    for (Map<String, Number> numbers : read(file)) {
      if (numbers.containsKey(UPDATE)) {
        line.removeIf(before -> before.containsKey(UPDATE) && update(before) >= update(numbers));
      }
      line.add(numbers);
    }
    return Collections.unmodifiableList(line);
  }

  private static long update(Map<String, Number> numbers) {
    return numbers.getOrDefault(UPDATE, 0).longValue();
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
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private synchronized void write(ByteBuffer bytes) {
    try {
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
      JsonNode object = JSON.readTree(line);
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
