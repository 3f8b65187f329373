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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import plaudit.experience.journal.JournalReader;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.node.config.Precisions;
import plaudit.node.config.RunConfig;

/**
 * The directory of one run. The process that has it open owns it: a second one is refused until the
 * first has closed it or died.
 *
 * <pre>
 * config.conf      everything the run was begun with, resolved
 * run.json         which run it is, and settings that were changed since; there once it has begun
 * snapshots/       weights as published, by model and version
 * checkpoints/     what a resumed run goes on from
 * journal/         what the experience buffer was told, and what trained each reward model
 * labels.sqlite    the label store's database
 * metrics.jsonl    one line of numbers an update, appended
 * policy/ reward/  the finished models, Hugging Face layout
 * report.html      what came of it
 * run.log          what happened
 * ended            there if the run ended by itself or was stopped, not if its process died
 * lock             held by the process that runs it, unless by a lease (RunOwner)
 * </pre>
 */
public final class RunDirectory implements AutoCloseable {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final String CONFIG = "config.conf";
  private static final String ENDED = "ended";
  private final Path root;
  private final RunOwner.Held held;
  private final boolean firstInParent;

  private RunDirectory(Path root, RunOwner.Held held, boolean firstInParent) {
    this.root = root;
    this.held = held;
    this.firstInParent = firstInParent;
  }

  /**
   * Makes {@code <parent>/<name>-<timestamp>} and takes it by its lock. Times are UTC.
   *
   * @param config what the run was configured with, as text
   * @param neededBytes how much the run will write
   */
  public static RunDirectory create(
      Path parent, String name, InstantSource clock, String config, long neededBytes) {
    return create(parent, name, clock, config, neededBytes, RunOwner.LOCK);
  }

  /** The same, taken in another way. */
  public static RunDirectory create(
      Path parent,
      String name,
      InstantSource clock,
      String config,
      long neededBytes,
      RunOwner owner) {
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw InvalidInputException.of("run name", name, "1-64 letters, digits, '.', '_' or '-'");
    }
    boolean first = Files.notExists(parent);
    try {
      Files.createDirectories(parent);
      requireSpace(parent, neededBytes);
      Path root = createUnused(parent, name + "-" + STAMP.format(clock.instant()));
      RunDirectory run = take(root, owner, first);
      Files.createDirectory(run.snapshots());
      Files.createDirectory(run.checkpoints());
      createPrivate(run.config());
      Files.writeString(run.config(), config);
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a run directory in " + parent, e);
    }
  }

  /** Takes an existing run directory by its lock, to resume the run or to add to it. */
  public static RunDirectory open(Path root, long neededBytes) {
    return open(root, neededBytes, RunOwner.LOCK);
  }

  /** The same, taken in another way. */
  public static RunDirectory open(Path root, long neededBytes, RunOwner owner) {
    configOf(root);
    try {
      requireSpace(root, neededBytes);
      RunDirectory run = take(root, owner, false);
      Files.createDirectories(run.snapshots());
      Files.createDirectories(run.checkpoints());
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot open the run directory " + root, e);
    }
  }

  /**
   * The run called {@code name} in {@code parent} that was created last, if there is one. Only runs
   * that have begun count, not what a start that was refused or killed has left; and the time in a
   * directory's name counts, which a copy or a restored backup keeps.
   */
  public static Optional<Path> newest(Path parent, String name) {
    if (!Files.isDirectory(parent)) {
      return Optional.empty();
    }
    Pattern named = Pattern.compile(Pattern.quote(name) + "-([0-9]{8}-[0-9]{6})(?:-([0-9]+))?");
    try (Stream<Path> runs = Files.list(parent)) {
      return runs.filter(RunDirectory::hasBegun)
          .map(run -> named.matcher(run.getFileName().toString()))
          .filter(Matcher::matches)
          .max(
              Comparator.comparing((Matcher run) -> run.group(1))
                  .thenComparing(run -> run.group(2) == null ? 1 : Integer.parseInt(run.group(2))))
          .map(run -> parent.resolve(run.group()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for runs in " + parent, e);
    }
  }

  /** Whether the learner of the run in {@code root} has ever begun. */
  private static boolean hasBegun(Path root) {
    String[] checkpoints = checkpointsOf(root).toFile().list();
    return Files.isRegularFile(root.resolve(CONFIG))
        && (RunIdentity.of(root).isPresent() || (checkpoints != null && checkpoints.length > 0));
  }

  /**
   * The settings of the run in {@code root}: those it was begun with, those that later processes of
   * it have changed, and {@code overrides}, later ones stronger.
   *
   * @throws InvalidInputException when there is no run, or a setting makes no sense
   */
  public static RunConfig settings(Path root, List<String> overrides) {
    String begun = configOf(root).toString();
    List<String> all = new ArrayList<>(Precisions.unnamed(Path.of(begun)));
    RunIdentity.of(root)
        .ifPresent(
            run -> run.changes().forEach(change -> all.add(change.key() + "=" + change.to())));
    all.addAll(overrides);
    return RunConfig.load(begun, all);
  }

  /**
   * Leaves nothing of a start that was refused: deletes the directory if the run never began, and
   * the one that it is in if it was made for it.
   */
  public void deleteUnlessBegun() {
    if (hasBegun(root)) {
      return;
    }
    FileTree.delete(root);
    Path parent = root.getParent();
    if (firstInParent && parent != null) {
      try {
        Files.deleteIfExists(parent);
      } catch (IOException e) {
        // Another run has begun in it.
      }
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
    Path config = root.resolve(CONFIG);
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
      throw UnavailableException.of(
          "free disk space at " + where.toAbsolutePath(),
          free + " bytes",
          ">= " + neededBytes + " bytes");
    }
  }

  /**
   * Refuses to write for a run that another process may have by now.
   *
   * @throws UnavailableException if this process does not own the run any more
   */
  public void requireOwned() {
    held.lost()
        .ifPresent(
            why -> {
              throw UnavailableException.of("run directory " + root, why, "a run of this process");
            });
  }

  /** The directory itself. */
  public Path root() {
    return root;
  }

  /** What the run was configured with. */
  public Path config() {
    return root.resolve(CONFIG);
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

  /** The same numbers as {@link #metrics} for TensorBoard. */
  public Path tensorboard() {
    return root.resolve("tensorboard");
  }

  /** The finished policy's low-rank adapters as PEFT reads them, if it was trained by such. */
  public Path adapter() {
    return root.resolve("adapter");
  }

  /** The finished policy in Hugging Face layout. */
  public Path policy() {
    return root.resolve("policy");
  }

  /** The finished reward model in Hugging Face layout. */
  public Path reward() {
    return root.resolve("reward");
  }

  /** What the base model wrote on held-out prompts. */
  public Path baseTexts() {
    return root.resolve("heldout-base.jsonl");
  }

  /** What the tuned model wrote on them. */
  public Path tunedTexts() {
    return root.resolve("heldout-tuned.jsonl");
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
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot give up " + root, e);
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

  private static RunDirectory take(Path root, RunOwner owner, boolean first) throws IOException {
    return new RunDirectory(
        root,
        owner
            .take(root)
            .orElseThrow(
                () ->
                    UnavailableException.of(
                        "run directory " + root,
                        "in use by " + owner.holder(root).orElse("a process that has just ended"),
                        "a run that no process runs")),
        first);
  }
}
