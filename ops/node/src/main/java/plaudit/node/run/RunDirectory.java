package plaudit.node.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import plaudit.experience.journal.JournalReader;
import plaudit.files.AtomicFile;
import plaudit.files.LockFile;
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
 * labels.sqlite    the label store's database
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
  private static final String LOCK = "lock";

  private final Path root;
  private final LockFile lock;

  private RunDirectory(Path root, LockFile lock) {
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
    configOf(root);
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
    try {
      return LockFile.isFree(root.resolve(LOCK));
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

  /** Where the run in {@code root} has its label store's database. */
  public static Path labelsOf(Path root) {
    return root.resolve("labels.sqlite");
  }

  /**
   * What the run in {@code root} was configured with.
   *
   * @throws InvalidInputException when there is no run
   */
  public static Path configOf(Path root) {
    Path config = root.resolve("config.conf");
    if (!Files.isRegularFile(config)) {
      throw InvalidInputException.of("run directory", root, "a directory with a config.conf");
    }
    return config;
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

  /** The label store's database. */
  public Path labels() {
    return labelsOf(root);
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
    Path file = root.resolve(LOCK);
    Optional<LockFile> lock = LockFile.take(file);
    if (lock.isEmpty()) {
      throw InvalidInputException.of(
          "run directory " + root,
          "in use by " + LockFile.owner(file),
          "a run that no process runs");
    }
    return new RunDirectory(root, lock.get());
  }
}
