package plaudit.model;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import plaudit.input.InvalidInputException;

/**
 * A safetensors file, mapped into memory tensor by tensor, so that the file may be larger than two
 * gigabytes and nothing is read before it is asked for.
 *
 * <p>The header is checked whole when the file is opened. Nothing has to be closed: the maps go
 * when the garbage collector finds them unused.
 */
public final class Safetensors {

  private final Path file;
  private final SafetensorsHeader header;
  private final Map<String, ByteBuffer> maps;

  private Safetensors(Path file, SafetensorsHeader header, Map<String, ByteBuffer> maps) {
    this.file = file;
    this.header = header;
    this.maps = maps;
  }

  /** Opens {@code file}; refuses one whose header and size do not agree. */
  public static Safetensors open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SafetensorsHeader header = SafetensorsHeader.read(channel, file);
      Map<String, ByteBuffer> maps = new LinkedHashMap<>();
      for (SafetensorsHeader.Tensor tensor : header.tensors().values()) {
        if (tensor.bytes() > Integer.MAX_VALUE) {
          throw InvalidInputException.of(
              file + ": " + tensor.name(),
              tensor.bytes() + " bytes",
              "<= 2147483647 in one tensor");
        }
        maps.put(tensor.name(), map(channel, header.dataStart() + tensor.begin(), tensor.bytes()));
      }
      return new Safetensors(file, header, maps);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static ByteBuffer map(FileChannel channel, long position, long bytes) throws IOException {
    return channel.map(MapMode.READ_ONLY, position, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The file it was opened from. */
  public Path file() {
    return file;
  }

  /** The tensors, in the order they lie in the file. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  /** The free text of the file, such as {@code format: pt}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The shape of a tensor, rows first; empty for a single number. */
  public long[] shape(String name) {
    return spec(name).dims();
  }

  /** Name and shape of a tensor. */
  public TensorSpec spec(String name) {
    return new TensorSpec(name, tensor(name).shape());
  }

  /** The format in which a tensor is stored. */
  public Dtype dtype(String name) {
    return tensor(name).dtype();
  }

  /**
   * The numbers of a tensor as F32, in a direct little-endian buffer from position 0. Stored as F32
   * it is the map itself, read-only and without a copy; F16 and BF16 are widened, which is exact.
   */
  public ByteBuffer readF32(String name) {
    SafetensorsHeader.Tensor tensor = tensor(name);
    ByteBuffer stored = raw(name);
    return switch (tensor.dtype()) {
      case F32 -> stored;
      case F16 -> widen(tensor, stored.asShortBuffer(), Half::toFloat);
      case BF16 -> widen(tensor, stored.asShortBuffer(), Half::bfloatToFloat);
      default ->
          throw InvalidInputException.of(
              file + ": " + name + ": dtype", tensor.dtype(), "F32, F16 or BF16");
    };
  }

  /** The bytes of a tensor as they are stored: direct, little-endian, read-only. */
  public ByteBuffer raw(String name) {
    ByteBuffer map = maps.get(tensor(name).name());
    return requireNonNull(map).duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer widen(SafetensorsHeader.Tensor tensor, ShortBuffer stored, Widening widening) {
    if (stored.remaining() > Integer.MAX_VALUE / Float.BYTES) {
      throw InvalidInputException.of(
          file + ": " + tensor.name(), stored.remaining() + " numbers", "< 2^29 in one tensor");
    }
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(stored.remaining() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer wide = bytes.asFloatBuffer();
    while (stored.hasRemaining()) {
      wide.put(widening.apply(stored.get()));
    }
    return bytes;
  }

  private SafetensorsHeader.Tensor tensor(String name) {
    SafetensorsHeader.Tensor tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new InvalidInputException("%s: no tensor named %s".formatted(file, name));
    }
    return tensor;
  }

  /** From 16 bits to a float. */
  private interface Widening {
    float apply(short bits);
  }
}
