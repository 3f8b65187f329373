package plaudit.node.run;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Numbers as TensorBoard reads them: a file of records, each a protobuf message {@code Event} with
 * its length and checksums (TensorFlow's TFRecord). Only scalars are written. A crash may tear the
 * last record, which TensorBoard passes over.
 */
final class EventFile implements AutoCloseable {

  // Fields of Event, Summary and Summary.Value in TensorFlow's event.proto and summary.proto.
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;

  private final Path file;
  private final FileChannel channel;
  private final InstantSource clock;

  private EventFile(Path file, FileChannel channel, InstantSource clock) {
    this.file = file;
    this.channel = channel;
    this.clock = clock;
  }

  /** Begins a new file in {@code directory}, which is made if it is not there. */
  static EventFile begin(Path directory, InstantSource clock) {
    Instant now = clock.instant();
    Path file =
        directory.resolve(
            "events.out.tfevents.%010d.%09d.plaudit"
                .formatted(now.getEpochSecond(), now.getNano()));
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
      EventFile events = new EventFile(file, channel, clock);
      events.write(
          message(
              out -> {
                out.writeDouble(WALL_TIME, seconds(now));
                out.writeString(FILE_VERSION, "brain.Event:2");
              }));
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** Appends the finite ones of {@code numbers}. */
  void append(long step, Map<String, ? extends Number> numbers) {
    byte[] summary =
        message(
            out -> {
              for (Map.Entry<String, ? extends Number> number : numbers.entrySet()) {
                float value = number.getValue().floatValue();
                if (Float.isFinite(value)) {
                  out.writeByteArray(VALUE, value(number.getKey(), value));
                }
              }
            });
    write(
        message(
            out -> {
              out.writeDouble(WALL_TIME, seconds(clock.instant()));
              out.writeInt64(STEP, step);
              out.writeByteArray(SUMMARY, summary);
            }));
  }

  private static byte[] value(String tag, float value) {
    return message(
        out -> {
          out.writeString(TAG, tag);
          out.writeFloat(SIMPLE_VALUE, value);
        });
  }

  private static double seconds(Instant time) {
    return time.getEpochSecond() + time.getNano() / 1e9;
  }

  /** Writes the fields of a message. */
  @FunctionalInterface
  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void write(byte[] message) {
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + message.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(message.length);
    record.putInt(masked(record.array(), Long.BYTES)).put(message);
    record.putInt(masked(message, message.length)).flip();
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** The checksum of the first {@code length} bytes, masked as TFRecord has it. */
  private static int masked(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
