package plaudit.node.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.journal.JournalReader;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;

/**
 * The directory of one run. The process that has it open owns it: a second one is refused until the
 * first has closed it or died.
 *
 * <pre>
 * config.conf      everything the run was configured with, resolved
 * snapshots/       weights as published, by model and version
 * checkpoints/     what a resumed run goes on from
 * journal/         what the experience buffer was told, and what trained each reward model
 * labels.mv.db     the label store's database
 * metrics.jsonl    one line of numbers an update, appended
 * policy/ reward/  the finished models, Hugging Face layout
 * report.html      what came of it
 * run.log          what happened
 * ended            there if the run ended by itself or was stopped, not if its process died
 * lock             held by the process that runs it
 * </pre>
 */
public final class RunDirectory implements AutoCloseable {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final String ENDED = "ended";

  private final Path root;
  private final FileChannel lock;

  private RunDirectory(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Makes {@code <parent>/<name>-<timestamp>} and takes it. Times are UTC.
   *
   * @param config what the run was configured with, as text
   * @param neededBytes how much the run will write
   */
  public static RunDirectory create(
      Path parent, String name, InstantSource clock, String config, long neededBytes) {
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw InvalidInputException.of("run name", name, "1-64 letters, digits, '.', '_' or '-'");
    }
    try {
      Files.createDirectories(parent);
      requireSpace(parent, neededBytes);
      Path root = createUnused(parent, name + "-" + STAMP.format(clock.instant()));
      RunDirectory run = take(root);
      Files.createDirectory(run.snapshots());
      Files.createDirectory(run.checkpoints());
      createPrivate(run.config());
      Files.writeString(run.config(), config);
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a run directory in " + parent, e);
    }
  }

  /** Takes an existing run directory, to resume the run or to add to it. */
  public static RunDirectory open(Path root, long neededBytes) {
    if (!Files.isRegularFile(root.resolve("config.conf"))) {
      throw InvalidInputException.of("run directory", root, "a directory with a config.conf");
    }
    try {
      requireSpace(root, neededBytes);
      RunDirectory run = take(root);
      Files.createDirectories(run.snapshots());
      Files.createDirectories(run.checkpoints());
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the run directory " + root, e);
    }
  }

  /** The run in {@code parent} that was begun last, if there is one. */
  public static Optional<Path> newest(Path parent) {
    if (!Files.isDirectory(parent)) {
      return Optional.empty();
    }
    try (Stream<Path> runs = Files.list(parent)) {
      return runs.filter(run -> Files.isRegularFile(run.resolve("config.conf")))
          .max(
              Comparator.comparingLong(
                      (Path run) -> run.resolve("config.conf").toFile().lastModified())
                  .thenComparing(Comparator.naturalOrder()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for runs in " + parent, e);
    }
  }

  /** Whether no process has the run in {@code root} open, on this machine or on the same disk. */
  public static boolean isFree(Path root) {
    try (FileChannel channel = openLock(root)) {
      return tryLock(channel) != null;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look at the lock of " + root, e);
    }
  }

  /** Whether the run in {@code root} ended by itself or was stopped, and was not resumed since. */
  public static boolean hasEnded(Path root) {
    return Files.exists(root.resolve(ENDED));
  }

  /** Writes down whether the run has ended; a process that dies leaves it as it was. */
  public void ended(boolean over) {
    try {
      if (over) {
        AtomicFile.write(root.resolve(ENDED), "");
      } else {
        Files.deleteIfExists(root.resolve(ENDED));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write in " + root, e);
    }
  }

  /** Where the run in {@code root} has its checkpoints. */
  public static Path checkpointsOf(Path root) {
    return root.resolve("checkpoints");
  }

  /**
   * Refuses to begin what the disk cannot hold.
   *
   * @throws InvalidInputException naming needed and free bytes
   */
  static void requireSpace(Path where, long neededBytes) throws IOException {
    long free = Files.getFileStore(where).getUsableSpace();
    if (free < neededBytes) {
      throw InvalidInputException.of(
          "free disk space at " + where.toAbsolutePath(),
          free + " bytes",
          ">= " + neededBytes + " bytes");
    }
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** What the run was configured with. */
  public Path config() {
    return root.resolve("config.conf");
  }

  /** Weights as they were published. */
  public Path snapshots() {
    return root.resolve("snapshots");
  }

  /** What a resumed run goes on from. */
  public Path checkpoints() {
    return checkpointsOf(root);
  }

  /** What a resumed run had under way. */
  public Path journal() {
    return root.resolve(JournalReader.DIRECTORY);
  }

  /** The label database without its ending, as H2's JDBC URL wants it. */
  public Path labels() {
    return root.resolve("labels");
  }

  /** One line of numbers an update: see {@link MetricsLog}. */
  public Path metrics() {
    return root.resolve("metrics.jsonl");
  }

  /** The finished policy in Hugging Face layout. */
  public Path policy() {
    return root.resolve("policy");
  }

  /** The finished reward model in Hugging Face layout. */
  public Path reward() {
    return root.resolve("reward");
  }

  /** What came of it. */
  public Path report() {
    return root.resolve("report.html");
  }

  /** What happened. */
  public Path log() {
    return root.resolve("run.log");
  }

  /** Lets others take the directory. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the lock of " + root, e);
    }
  }

  private static Path createUnused(Path parent, String name) throws IOException {
    for (int attempt = 1; ; attempt++) {
      Path root = parent.resolve(attempt == 1 ? name : name + "-" + attempt);
      try {
        return Files.createDirectory(root);
      } catch (FileAlreadyExistsException e) {
        if (attempt == 1000) {
          throw e;
        }
      }
    }
  }

  /** For its owner alone: there may be keys in it. */
  private static void createPrivate(Path file) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(file);
    }
  }

  private static RunDirectory take(Path root) throws IOException {
    FileChannel channel = openLock(root);
    if (tryLock(channel) == null) {
      String owner = readOwner(channel);
      channel.close();
      throw InvalidInputException.of(
          "run directory " + root, "in use by " + owner, "a run that no process runs");
    }
    channel.truncate(0);
    channel.write(
        StandardCharsets.UTF_8.encode("process " + ProcessHandle.current().pid() + "\n"), 0);
    return new RunDirectory(root, channel);
  }

  private static FileChannel openLock(Path root) throws IOException {
    return FileChannel.open(
        root.resolve("lock"),
        StandardOpenOption.CREATE,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process holds it
    }
  }

  private static String readOwner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(64);
    channel.read(text, 0);
    String owner = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
    return owner.isEmpty() ? "another process" : owner;
  }
}
