package plaudit.lab.gateway;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What a power cut may leave of an SQLite store, made from its files at a mark and at the kill
 * after it. Up to the mark everything acknowledged was written to the write-ahead log. Of what was
 * written to the log after it, the disk may have any part: the log ends at a random byte, or random
 * sectors hold zeros or other bytes. The database's own pages are those of the mark.
 *
 * <p>A commit is acknowledged after its flush, so nothing before the mark is taken away: whether
 * the flush was asked for is not tried here, only that what is behind it does no harm.
 */
final class PowerCut {

  private static final int SECTOR = 512;
  private static final int HEAD = 32;
  private static final long FRAME_HEAD = 24;
  private static final int TRIES = 5;

  private final Path database;
  private final Path copy;
  private final Log log;
  private final Receipts.Mark heard;

  private PowerCut(Path database, Path copy, Log log, Receipts.Mark heard) {
    this.database = database;
    this.copy = copy;
    this.log = log;
    this.heard = heard;
  }

  /**
   * A write-ahead log, as far as its frames are of the present generation.
   *
   * @param salt names the generation; a log is begun anew when all of it is in the database
   * @param end bytes to the end of the last frame of the generation
   */
  private record Log(long salt, long end) {

    static Log read(Path file) throws IOException {
      if (!Files.exists(file) || Files.size(file) < HEAD) {
        return new Log(0, 0);
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        ByteBuffer head = at(channel, 0, HEAD);
        long frame = FRAME_HEAD + (head.getInt(8) == 1 ? 65_536 : head.getInt(8));
        long salt = head.getLong(16);
        long end = HEAD;
        while (end + frame <= channel.size()
            && at(channel, end, (int) FRAME_HEAD).getLong(8) == salt) {
          end += frame;
        }
        return new Log(salt, end);
      }
    }

    private static ByteBuffer at(FileChannel channel, long position, int count) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(count);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, position + bytes.position()) < 0) {
          break;
        }
      }
      return bytes;
    }
  }

  /**
   * Copies the database while a gateway has it, and notes how far its log goes.
   *
   * @return empty if the database was written to all the while
   */
  static Optional<PowerCut> mark(Path database, Path copy, Receipts receipts) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Receipts.Mark heard = receipts.mark(); // first: all of it is in the log that is read then
      Files.copy(database, copy, StandardCopyOption.REPLACE_EXISTING);
      Log log = Log.read(log(database));
      if (Files.mismatch(database, copy) == -1) {
        return Optional.of(new PowerCut(database, copy, log, heard));
      }
    }
    return Optional.empty();
  }

  /** What had been acknowledged at the mark, and must be there after the cut. */
  Receipts.Mark heard() {
    return heard;
  }

  /**
   * Turns the copy into what is left, once the gateway is dead.
   *
   * @return how many bytes of the log were at the disk's mercy; empty where this is not modelled:
   *     the log was begun anew since the mark, and the database was written to after that
   */
  Optional<Long> cut(SplittableRandom random) throws IOException {
    Log now = Log.read(log(database));
    long sure = log.end;
    if (now.salt != log.salt) {
      if (Files.mismatch(database, copy) != -1) {
        return Optional.empty();
      }
      sure = 0; // all that was acknowledged is in the database
    }
    Path left = log(copy);
    if (!Files.exists(log(database))) {
      Files.deleteIfExists(left);
      return Optional.of(0L);
    }
    Files.copy(log(database), left, StandardCopyOption.REPLACE_EXISTING);
    long mercy = Math.max(0, now.end - sure);
    try (RandomAccessFile file = new RandomAccessFile(left.toFile(), "rw")) {
      if (random.nextBoolean()) {
        file.setLength(sure + (mercy == 0 ? 0 : random.nextLong(mercy + 1)));
      } else {
        garble(file, sure, now.end, random);
      }
    }
    return Optional.of(mercy);
  }

  private static void garble(RandomAccessFile file, long from, long to, SplittableRandom random)
      throws IOException {
    byte[] sector = new byte[SECTOR];
    for (long at = (from + SECTOR - 1) / SECTOR * SECTOR; at < to; at += SECTOR) {
      int lot = random.nextInt(4);
      if (lot < 2) {
        continue; // it reached the disk
      }
      java.util.Arrays.fill(sector, (byte) 0);
      if (lot == 3) {
        random.nextBytes(sector);
      }
      file.seek(at);
      file.write(sector, 0, (int) Math.min(SECTOR, to - at));
    }
  }

  private static Path log(Path database) {
    return database.resolveSibling(database.getFileName() + "-wal");
  }
}
