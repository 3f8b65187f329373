package plaudit.snapshots;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Weights in fewer bytes on the wire, without loss. A piece of a file is taken bit by bit against
 * the same piece of an older version, if both ends have one: sign, exponent and the first bits of
 * most weights do not change in an update, and are zeros then. Then the bytes are ordered by their
 * place in a 32-bit number, since those of one place are alike, and compressed with Zstandard.
 *
 * <p>A coded piece: its length and that of what follows, 4 bytes each, and the compressed bytes.
 */
final class WeightCoding {

  /** Bytes of a piece before coding; the last one of a range may be shorter. */
  static final int PIECE = 1 << 18;

  private static final int HEAD = 8;
  private static final int LEVEL = 1;

  private WeightCoding() {}

  /**
   * Codes the bytes of {@code file} from {@code from} to {@code end}; answers how many it wrote.
   */
  static long encode(
      FileChannel file, Optional<FileChannel> older, long from, long end, OutputStream out)
      throws IOException {
    long written = 0;
    for (long at = from; at < end; at += PIECE) {
      byte[] piece = read(file, at, (int) Math.min(PIECE, end - at));
      if (older.isPresent()) {
        against(piece, read(older.get(), at, piece.length));
      }
      byte[] coded = Zstd.compress(planes(piece), LEVEL);
      out.write(ByteBuffer.allocate(HEAD).putInt(piece.length).putInt(coded.length).array());
      out.write(coded);
      written += HEAD + coded.length;
    }
    return written;
  }

  /** Takes coded bytes as they come, and gives whole pieces on. */
  static final class Decoder {

    private final Optional<FileChannel> older;
    private final Consumer<ByteBuffer> pieces;
    private final ByteBuffer head = ByteBuffer.allocate(HEAD);
    private ByteBuffer coded = ByteBuffer.allocate(0);
    private long at;

    /**
     * A decoder.
     *
     * @param from the first byte's place in the file
     */
    Decoder(Optional<FileChannel> older, long from, Consumer<ByteBuffer> pieces) {
      this.older = older;
      this.at = from;
      this.pieces = pieces;
    }

    /**
     * Takes all of {@code bytes}.
     *
     * @throws IOException if they are no coded pieces
     */
    void take(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        if (head.hasRemaining()) {
          move(bytes, head);
          if (!head.hasRemaining()) {
            int length = head.getInt(4);
            if (length < 1 || length > 2 * PIECE || head.getInt(0) < 1 || head.getInt(0) > PIECE) {
              throw new IOException("a coded piece of " + length + " bytes");
            }
            coded = ByteBuffer.allocate(length);
          }
        } else {
          move(bytes, coded);
          if (!coded.hasRemaining()) {
            piece(head.getInt(0));
            head.clear();
          }
        }
      }
    }

    private void piece(int length) throws IOException {
      byte[] planes = new byte[length];
      long size =
          Zstd.decompressByteArray(planes, 0, length, coded.array(), 0, coded.array().length);
      if (size != length) {
        throw new IOException("a piece that is not Zstandard's at byte " + at);
      }
      byte[] piece = numbers(planes);
      if (older.isPresent()) {
        against(piece, read(older.get(), at, length));
      }
      at += length;
      pieces.accept(ByteBuffer.wrap(piece));
    }

    private static void move(ByteBuffer from, ByteBuffer to) {
      int n = Math.min(from.remaining(), to.remaining());
      to.put(to.position(), from, from.position(), n).position(to.position() + n);
      from.position(from.position() + n);
    }
  }

  private static byte[] read(FileChannel file, long at, int length) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(length);
    while (piece.hasRemaining()) {
      if (file.read(piece, at + piece.position()) < 0) {
        throw new IOException("the file ended at byte " + (at + piece.position()));
      }
    }
    return piece.array();
  }

  private static void against(byte[] piece, byte[] older) {
    for (int i = 0; i < piece.length; i++) {
      piece[i] ^= older[i];
    }
  }

  private static byte[] planes(byte[] numbers) {
    byte[] planes = new byte[numbers.length];
    int next = 0;
    for (int place = 0; place < Float.BYTES; place++) {
      for (int i = place; i < numbers.length; i += Float.BYTES) {
        planes[next++] = numbers[i];
      }
    }
    return planes;
  }

  private static byte[] numbers(byte[] planes) {
    byte[] numbers = new byte[planes.length];
    int next = 0;
    for (int place = 0; place < Float.BYTES; place++) {
      for (int i = place; i < numbers.length; i += Float.BYTES) {
        numbers[i] = planes[next++];
      }
    }
    return numbers;
  }
}
