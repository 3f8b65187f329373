package plaudit.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that says by its lock which process owns what lies beside it. The lock ends with the
 * process; the file stays and names the process that had it last.
 */
public final class LockFile implements AutoCloseable {

  /**
   * The locks of this process. A file in here is never opened a second time: the system drops all
   * locks of a process on a file when the process closes any channel of it.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path file;
  private final FileChannel channel;
  private final FileIdentity identity;

  private LockFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
    this.identity = FileIdentity.of(file);
  }

  /** Takes the lock, unless this or another process has it. The directory must exist. */
  public static synchronized Optional<LockFile> take(Path file) throws IOException {
    Path real = real(file);
    if (!HELD.add(real)) {
      return Optional.empty();
    }
    @Nullable FileChannel channel = null;
    boolean taken = false;
    try {
      channel =
          FileChannel.open(
              real, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      taken = channel.tryLock() != null;
      if (!taken) {
        return Optional.empty();
      }
      channel.truncate(0);
      channel.write(StandardCharsets.UTF_8.encode(process() + "\n"), 0);
      return Optional.of(new LockFile(real, channel));
    } catch (IOException e) {
      taken = false;
      throw e;
    } finally {
      if (!taken) {
        release(real, channel);
      }
    }
  }

  /** Whether no process has the lock. */
  public static synchronized boolean isFree(Path file) throws IOException {
    Path real = real(file);
    if (!HELD.add(real)) {
      return false;
    }
    try (FileChannel channel =
        FileChannel.open(
            real, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } finally {
      HELD.remove(real);
    }
  }

  /** The process that has the lock, in words. */
  public static synchronized String owner(Path file) throws IOException {
    if (HELD.contains(real(file))) {
      return process();
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer text = ByteBuffer.allocate(64);
      channel.read(text, 0);
      String owner = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
      return owner.isEmpty() ? "another process" : owner;
    }
  }

  /**
   * Whether the lock says nothing any more: its file was deleted or replaced, so that another
   * process can have a lock of the same name.
   */
  public boolean isLost() {
    return !channel.isOpen() || identity.isLost();
  }

  /** Lets others take the lock; a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      release(file, channel);
    }
  }

  private static synchronized void release(Path file, @Nullable FileChannel channel)
      throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      HELD.remove(file);
    }
  }

  private static String process() {
    return "process " + ProcessHandle.current().pid();
  }

  /** The same path for the same file, whichever way it was reached. */
  private static Path real(Path file) throws IOException {
    Path whole = file.toAbsolutePath();
    Path directory = whole.getParent();
    return directory == null
        ? whole
        : directory.toRealPath().resolve(Objects.requireNonNull(whole.getFileName()));
  }
}
