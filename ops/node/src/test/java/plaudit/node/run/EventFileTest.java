package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00.500Z");

  @TempDir private Path dir = Path.of("");

  @Test
  void whatTheMetricsLogIsToldIsAlsoReadAsTensorBoardDoes() throws IOException {
    Map<String, Number> line = new LinkedHashMap<>();
    line.put("update", 7);
    line.put("policy/kl", 1.5);
    line.put("policy/loss", Double.NaN);
    try (MetricsLog log =
        MetricsLog.open(dir.resolve("metrics.jsonl"), 1)
            .withEvents(dir.resolve("tensorboard"), () -> NOW)) {
      log.append(line);
      log.append(Map.of("reward/accuracy", .75));
    }

    List<UnknownFieldSet> events = events();
    assertThat(events).hasSize(3);
    assertThat(field(events.get(0), 3).getLengthDelimitedList())
        .containsExactly(ByteString.copyFromUtf8("brain.Event:2"));
    assertThat(Double.longBitsToDouble(field(events.get(1), 1).getFixed64List().get(0)))
        .isEqualTo(NOW.toEpochMilli() / 1e3);
    assertThat(events.subList(1, 3))
        .allMatch(event -> field(event, 2).getVarintList().equals(List.of(7L)));
    assertThat(scalars(events.get(1))).isEqualTo(Map.of("update", 7f, "policy/kl", 1.5f));
    assertThat(scalars(events.get(2))).isEqualTo(Map.of("reward/accuracy", .75f));
    assertThat(MetricsLog.read(dir.resolve("metrics.jsonl"))).hasSize(2);
  }

  @Test
  void aMaskedChecksumIsTheOneOfTheFormat() throws IOException {
    EventFile.begin(dir, () -> NOW).close();

    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(file(dir))).order(ByteOrder.LITTLE_ENDIAN);

    // Files of TensorFlow's own writer begin with these twelve bytes.
    assertThat(bytes.getLong(0)).isEqualTo(24);
    assertThat(Integer.toHexString(bytes.getInt(8))).isEqualTo("224b7fa3");
  }

  private List<UnknownFieldSet> events() throws IOException {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(file(dir.resolve("tensorboard"))))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<UnknownFieldSet> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] message = new byte[(int) bytes.getLong()];
      bytes.getInt();
      bytes.get(message);
      assertThat(bytes.getInt()).isEqualTo(masked(message));
      events.add(UnknownFieldSet.parseFrom(message));
    }
    return events;
  }

  private static Path file(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> f.toString().contains("tfevents")).findFirst().orElseThrow();
    }
  }

  private static int masked(byte[] message) {
    CRC32C crc = new CRC32C();
    crc.update(message);
    long value = crc.getValue();
    return (int) ((value >>> 15 | value << 17) + 0xa282ead8L);
  }

  private static Map<String, Float> scalars(UnknownFieldSet event) throws IOException {
    Map<String, Float> scalars = new LinkedHashMap<>();
    ByteString summary = field(event, 5).getLengthDelimitedList().get(0);
    for (ByteString one : field(UnknownFieldSet.parseFrom(summary), 1).getLengthDelimitedList()) {
      UnknownFieldSet value = UnknownFieldSet.parseFrom(one);
      scalars.put(
          field(value, 1).getLengthDelimitedList().get(0).toStringUtf8(),
          Float.intBitsToFloat(field(value, 2).getFixed32List().get(0)));
    }
    return scalars;
  }

  private static UnknownFieldSet.Field field(UnknownFieldSet message, int number) {
    return message.getField(number);
  }
}
