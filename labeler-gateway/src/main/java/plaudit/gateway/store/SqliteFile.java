package plaudit.gateway.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import plaudit.files.FileTree;
import plaudit.files.LockFile;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;

/**
 * The file of a label store and how it is opened. No other code of this process may open it: the
 * system drops SQLite's locks when any channel on the file is closed.
 *
 * @param path the database; beside it lie its write-ahead log and its lock
 */
record SqliteFile(Path path) {

  /** What is to be done with labels that an earlier release wrote. */
  static final String ADVICE =
      "labels of an H2 file are exported by the release that wrote it and imported by this one,"
          + " CHANGELOG.md says how";

  private static final int BUSY_MILLIS = 5_000;
  private static final int LARGEST_LOG_BYTES = 8 << 20;

  /** Frames of the log, of a page each, after which a commit moves it into the file itself. */
  private static final int LONGEST_LOG = LARGEST_LOG_BYTES / 4096;

  /** The file of a URL. */
  static SqliteFile of(StoreSettings settings) {
    return new SqliteFile(Path.of(Dialect.SQLITE.rest(settings.url())).toAbsolutePath());
  }

  /** Connections that may write: a commit is on the disk when it returns. */
  SQLiteDataSource writing() {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enableFullSync(true);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(BUSY_MILLIS);
    config.setJournalSizeLimit(LARGEST_LOG_BYTES);
    config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, String.valueOf(LONGEST_LOG));
    // What undoes a savepoint stays in memory: no other disk can fail a transaction.
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    return source(config);
  }

  /** Connections that only read; they see what is committed when they begin and never wait. */
  SQLiteDataSource reading() {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_MILLIS);
    return source(config);
  }

  private SQLiteDataSource source(SQLiteConfig config) {
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + path);
    return source;
  }

  /**
   * Takes the file for this process and makes its directory where there is none.
   *
   * @throws InvalidInputException when another process has it, or only an H2 file is there
   */
  LockFile take() {
    refuseH2();
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    try {
      FileTree.create(Objects.requireNonNull(path.getParent(), "a file is in a directory"));
      return LockFile.take(lock)
          .orElseThrow(
              () ->
                  new UnavailableException(
                      "plaudit.gateway.store.url: %s is open in another process (expected: one owner of the file, or a PostgreSQL URL)"
                          .formatted(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Whether the database is there. */
  boolean exists() {
    return Files.exists(path);
  }

  /** A store of an earlier release is not passed over in silence. */
  void refuseH2() {
    String name = String.valueOf(path.getFileName());
    Path old = path.resolveSibling(name.replaceFirst("\\.[^.]*$", "") + ".mv.db");
    if (!exists() && Files.exists(old)) {
      throw new InvalidInputException(
          "label store: %s is an H2 file (expected: %s; %s)".formatted(old, path, ADVICE));
    }
  }
}
