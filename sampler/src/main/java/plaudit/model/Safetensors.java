package plaudit.model;

import java.io.EOFException;
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
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * A safetensors file, read tensor by tensor, so that it may be larger than two gigabytes and
 * nothing is read before it is asked for. Its header is checked whole when it is opened. Nothing
 * has to be closed.
 *
 * <p>{@link #open} maps the file into memory: for files that nothing else writes to, such as a
 * run's snapshots, since a mapped file that becomes shorter ends the process. {@link #copying}
 * copies each tensor, and refuses to go on reading a file that has changed: for files of users.
 */
public final class Safetensors {

  private static final int CHUNK = 1 << 20; // bytes widened at a time

  private final Path file;
  private final SafetensorsHeader header;
  private final Map<String, ByteBuffer> maps;
  private final @Nullable Identity identity;

  private Safetensors(
      Path file,
      SafetensorsHeader header,
      Map<String, ByteBuffer> maps,
      @Nullable Identity identity) {
    this.file = file;
    this.header = header;
    this.maps = maps;
    this.identity = identity;
  }

  /** What tells a file from the same path with something else in it. */
  private record Identity(long size, String modified, String key) {
    static Identity of(Path file) throws IOException {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new Identity(
          now.size(), now.lastModifiedTime().toString(), String.valueOf(now.fileKey()));
    }
  }

  /** Opens {@code file}; refuses one whose header and size do not agree. */
  public static Safetensors open(Path file) {
    return open(file, true);
  }

  /** The same for a file that may be overwritten while it is in use. */
  static Safetensors copying(Path file) {
    return open(file, false);
  }

  private static Safetensors open(Path file, boolean mapped) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Identity identity = Identity.of(file);
      SafetensorsHeader header = SafetensorsHeader.read(channel, file);
      if (!mapped) {
        return new Safetensors(file, header, Map.of(), identity);
      }
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
      return new Safetensors(file, header, maps, null);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    return new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
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

  /** The format in which a tensor is stored; refuses one that is not known. */
  public Dtype dtype(String name) {
    return tensor(name).dtype().orElseThrow(() -> unreadable(name));
  }

  /** Refuses a tensor that cannot be read as F32. */
  Dtype requireReadable(String name) {
    return tensor(name)
        .dtype()
        .filter(dtype -> dtype == Dtype.F32 || dtype == Dtype.F16 || dtype == Dtype.BF16)
        .orElseThrow(() -> unreadable(name));
  }

  private InvalidInputException unreadable(String name) {
    return InvalidInputException.of(
        file + ": " + name + ": dtype", tensor(name).type(), "F32, F16 or BF16");
  }

  /**
   * The numbers of a tensor as F32, in a direct little-endian buffer from position 0. Of a mapped
   * file that stores F32 it is the map itself, read-only; else a copy. F16 and BF16 are widened,
   * which is exact.
   */
  public ByteBuffer readF32(String name) {
    SafetensorsHeader.Tensor tensor = tensor(name);
    Dtype dtype = requireReadable(name);
    ByteBuffer map = maps.get(name);
    if (map != null && dtype == Dtype.F32) {
      return map.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
    long numbers = tensor.bytes() / dtype.bytes();
    if (numbers > Integer.MAX_VALUE / Float.BYTES) {
      throw InvalidInputException.of(
          file + ": " + name, numbers + " numbers", "< 2^29 in one tensor");
    }
    ByteBuffer bytes =
        ByteBuffer.allocateDirect((int) numbers * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (map != null) {
      widen(map.duplicate().order(ByteOrder.LITTLE_ENDIAN), dtype, bytes.asFloatBuffer());
    } else {
      copy(tensor, dtype, bytes);
    }
    return bytes;
  }

  private void copy(SafetensorsHeader.Tensor tensor, Dtype dtype, ByteBuffer to) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long position = header.dataStart() + tensor.begin();
      if (dtype == Dtype.F32) {
        fill(channel, position, to.duplicate());
      } else {
        FloatBuffer wide = to.asFloatBuffer();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        while (wide.hasRemaining()) {
          chunk.clear().limit(Math.min(CHUNK, wide.remaining() * dtype.bytes()));
          fill(channel, position, chunk);
          position += chunk.position();
          widen(chunk.flip(), dtype, wide);
        }
      }
      if (!Identity.of(file).equals(identity)) {
        throw changed();
      }
    } catch (EOFException e) {
      throw changed();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static void fill(FileChannel channel, long position, ByteBuffer to) throws IOException {
    long at = position;
    while (to.hasRemaining()) {
      int read = channel.read(to, at);
      if (read < 0) {
        throw new EOFException();
      }
      at += read;
    }
  }

  private InvalidInputException changed() {
    return InvalidInputException.of(
        file.toString(), "changed since it was opened", "a file that stays as it is while in use");
  }

  private static void widen(ByteBuffer stored, Dtype dtype, FloatBuffer wide) {
    ShortBuffer shorts = stored.asShortBuffer();
    while (shorts.hasRemaining()) {
      short bits = shorts.get();
      wide.put(dtype == Dtype.F16 ? Half.toFloat(bits) : Half.bfloatToFloat(bits));
    }
  }

  private SafetensorsHeader.Tensor tensor(String name) {
    SafetensorsHeader.Tensor tensor = header.tensors().get(name);
    if (tensor == null) {
      throw new InvalidInputException("%s: no tensor named %s".formatted(file, name));
    }
    return tensor;
  }
}
