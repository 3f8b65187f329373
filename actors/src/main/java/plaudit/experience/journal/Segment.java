package plaudit.experience.journal;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import plaudit.files.AtomicFile;

/**
 * A file of records, appended to and read from the beginning. After the first eight bytes:
 *
 * <pre>
 *   0        4             8               12
 *   | length | crc(length) | crc(payload)  | payload ...      big-endian, CRC-32C
 * </pre>
 *
 * <p>The length has a checksum of its own: without one a flipped bit in it would look like a record
 * that was not finished, and all behind it like nothing. A process that is killed leaves a prefix
 * of a record at the end. A machine that loses power may leave a record there whose bytes are not
 * all on the disk, or zeros. Any of these is <i>torn</i>, and where the file may still grow it is
 * cut off; anything else is damage.
 */
final class Segment implements AutoCloseable {

  private static final long MAGIC = 0x504c41554449544aL; // PLAUDITJ
  private static final int FRAME = 12;
  private static final int PIECE = 1 << 20;

  private final Path file;
  private final FileChannel channel;

  private Segment(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** A new segment with its first record; it is there whole or not at all. */
  static Segment create(Path file, byte[] first) {
    AtomicFile.write(
        file,
        channel -> {
          write(channel, ByteBuffer.allocate(Long.BYTES).putLong(0, MAGIC));
          write(channel, framed(first));
        });
    try {
      return new Segment(file, FileChannel.open(file, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  void append(byte[] record) {
    try {
      write(channel, framed(record));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /** Waits until everything is on the disk. */
  void force() {
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  @Override
  public void close() {
    try (channel) {
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  /**
   * Reads all whole records.
   *
   * @param mayBeTorn whether the end may be unfinished
   * @return where the last whole record ends
   * @throws JournalException.Damaged if something else is there
   */
  static long read(Path file, boolean mayBeTorn, Consumer<byte[]> records) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), PIECE))) {
      long size = Files.size(file);
      if (size < Long.BYTES || in.readLong() != MAGIC) {
        throw new JournalException.Damaged(file, 0, "not a journal");
      }
      long offset = Long.BYTES;
      while (offset < size) {
        byte[] payload = record(file, in, offset, size, mayBeTorn);
        if (payload == null) {
          return offset;
        }
        try {
          records.accept(payload);
        } catch (IllegalArgumentException e) {
          throw new JournalException.Damaged(file, offset, String.valueOf(e.getMessage()));
        }
        offset += FRAME + payload.length;
      }
      return offset;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The next record, or null if what is left is torn. */
  private static byte @Nullable [] record(
      Path file, DataInputStream in, long offset, long size, boolean mayBeTorn) throws IOException {
    if (size - offset < FRAME) {
      return torn(file, offset, "an unfinished record", mayBeTorn);
    }
    int length = in.readInt();
    int lengthSum = in.readInt();
    int payloadSum = in.readInt();
    if (length < 0 || lengthSum != crc(ByteBuffer.allocate(Integer.BYTES).putInt(0, length))) {
      boolean nothing = length == 0 && lengthSum == 0 && payloadSum == 0 && onlyZeros(in);
      return torn(file, offset, "no length", mayBeTorn && nothing);
    }
    if (size - offset - FRAME < length) {
      return torn(file, offset, "an unfinished record", mayBeTorn);
    }
    byte[] payload = in.readNBytes(length);
    if (payload.length < length) {
      return torn(file, offset, "an unfinished record", mayBeTorn);
    }
    if (payloadSum != crc(ByteBuffer.wrap(payload))) {
      boolean isLast = offset + FRAME + length == size;
      return torn(file, offset, "other bytes than were written", mayBeTorn && isLast);
    }
    return payload;
  }

  private static byte @Nullable [] torn(Path file, long offset, String what, boolean allowed) {
    if (!allowed) {
      throw new JournalException.Damaged(file, offset, what);
    }
    return null;
  }

  private static boolean onlyZeros(InputStream in) throws IOException {
    byte[] piece = new byte[PIECE];
    byte[] zeros = new byte[PIECE];
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      if (!Arrays.equals(piece, 0, n, zeros, 0, n)) {
        return false;
      }
    }
    return true;
  }

  private static ByteBuffer framed(byte[] record) {
    ByteBuffer frame = ByteBuffer.allocate(FRAME + record.length);
    frame.putInt(record.length);
    frame.putInt(crc(frame.duplicate().flip()));
    frame.putInt(crc(ByteBuffer.wrap(record)));
    return frame.put(record).flip();
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
