package plaudit.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import plaudit.json.JsonFiles;

/** Writes safetensors front to back, one tensor in memory at a time. */
public final class SafetensorsWriter {

  private static final int CHUNK = 1 << 20; // bytes converted at a time

  private SafetensorsWriter() {}

  /**
   * A tensor to be written.
   *
   * @param spec name and shape
   * @param dtype how it is stored: F32, or F16 or BF16 rounded to nearest even
   * @param data the numbers as little-endian F32 from position to limit; asked for once, when its
   *     turn comes
   */
  public record Entry(TensorSpec spec, Dtype dtype, Supplier<ByteBuffer> data) {
    public Entry {
      if (dtype != Dtype.F32 && dtype != Dtype.F16 && dtype != Dtype.BF16) {
        throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32, F16 or BF16)");
      }
    }

    /** An entry from a name and a shape. */
    public static Entry of(String name, long[] shape, Dtype dtype, Supplier<ByteBuffer> data) {
      return new Entry(TensorSpec.of(name, shape), dtype, data);
    }

    long bytes() {
      return Math.multiplyExact(spec.size(), dtype.bytes());
    }
  }

  /** Writes a new {@code file}, replacing one of that name, and forces it to the disk. */
  public static void write(Path file, Map<String, String> metadata, List<Entry> entries) {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(channel, metadata, entries);
      channel.force(true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes to {@code out} and leaves it open. Returns the bytes written. */
  public static long write(OutputStream out, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    return write(Channels.newChannel(out), metadata, entries);
  }

  /** Writes to {@code out} and leaves it open. Returns the bytes written. */
  public static long write(
      WritableByteChannel out, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    ByteBuffer header = header(metadata, entries);
    long total = header.remaining();
    writeFully(out, header);
    for (Entry entry : entries) {
      FloatBuffer numbers = entry.data().get().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      if (numbers.remaining() != entry.spec().size()) {
        throw new IllegalArgumentException(
            "%s: %d numbers (expected: %d for shape %s)"
                .formatted(
                    entry.spec().name(),
                    numbers.remaining(),
                    entry.spec().size(),
                    entry.spec().shape()));
      }
      writeNumbers(out, numbers, entry.dtype());
      total += entry.bytes();
    }
    return total;
  }

  private static ByteBuffer header(Map<String, String> metadata, List<Entry> entries)
      throws JsonProcessingException {
    ObjectNode root = JsonFiles.newObject();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(SafetensorsHeader.METADATA);
      metadata.forEach(texts::put);
    }
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (Entry entry : entries) {
      if (!names.add(entry.spec().name())) {
        throw new IllegalArgumentException("two tensors named " + entry.spec().name());
      }
      ObjectNode tensor = root.putObject(entry.spec().name()).put("dtype", entry.dtype().name());
      ArrayNode shape = tensor.putArray("shape");
      entry.spec().shape().forEach(shape::add);
      tensor.putArray("data_offsets").add(offset).add(offset + entry.bytes());
      offset += entry.bytes();
    }
    byte[] json = JsonFiles.MAPPER.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8; // so that the numbers lie aligned in a map
    ByteBuffer header =
        ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + padded)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(padded)
            .put(json);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeNumbers(WritableByteChannel out, FloatBuffer numbers, Dtype dtype)
      throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    while (numbers.hasRemaining()) {
      chunk.clear();
      while (numbers.hasRemaining() && chunk.remaining() >= Float.BYTES) {
        if (dtype == Dtype.F16) {
          chunk.putShort(Half.fromFloat(numbers.get()));
        } else if (dtype == Dtype.BF16) {
          chunk.putShort(Half.bfloatFromFloat(numbers.get()));
        } else {
          chunk.putFloat(numbers.get());
        }
      }
      writeFully(out, chunk.flip());
    }
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
