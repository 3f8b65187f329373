package plaudit.gateway.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteErrorCode;
import plaudit.files.AtomicFile;
import plaudit.gateway.store.StoreLaws.Finding;
import plaudit.input.InvalidInputException;

/**
 * What operators do with a store by hand. Both only read, and the store may be in use meanwhile, by
 * this process or another.
 */
public final class StoreCare {

  private static final String WHOLE = "the file is whole";

  private StoreCare() {}

  /**
   * Every law that does not hold, of an SQLite file also damaged pages and dangling references;
   * nothing is mended.
   *
   * @throws InvalidInputException when there is no such store
   * @throws StoreException when it cannot be read
   */
  public static List<Finding> verify(StoreSettings settings) {
    return settings.isFile()
        ? verify(existing(settings))
        : inSnapshot(
            Jdbi.create(settings.url(), settings.user(), settings.password()), settings.dialect());
  }

  private static List<Finding> verify(SqliteFile file) {
    try {
      Jdbi jdbi = Jdbi.create(file.reading());
      List<Finding> found = new ArrayList<>(jdbi.withHandle(StoreCare::pages));
      found.addAll(inSnapshot(jdbi, Dialect.SQLITE));
      return found;
    } catch (JdbiException | StoreException e) {
      SQLException cause = Database.sql(e);
      if (cause != null && isDamage(cause.getErrorCode())) {
        return List.of(new Finding(WHOLE, String.valueOf(cause.getMessage()), false));
      }
      throw Database.failed(e);
    }
  }

  private static boolean isDamage(int code) {
    int primary = code & 0xFF;
    return primary == SQLiteErrorCode.SQLITE_CORRUPT.code
        || primary == SQLiteErrorCode.SQLITE_NOTADB.code;
  }

  private static List<Finding> pages(Handle handle) {
    List<Finding> found = new ArrayList<>();
    for (String line : handle.select("PRAGMA integrity_check").mapTo(String.class).list()) {
      if (!line.equals("ok")) {
        found.add(new Finding(WHOLE, line, false));
      }
    }
    handle
        .select("PRAGMA foreign_key_check")
        .map((row, context) -> "row %d of %s".formatted(row.getLong(2), row.getString(1)))
        .forEach(row -> found.add(new Finding("a row's references are there", row, false)));
    return found;
  }

  /** All queries see the same commits: other processes go on writing. */
  private static List<Finding> inSnapshot(Jdbi jdbi, Dialect dialect) {
    try {
      return dialect
          .configured(jdbi)
          .inTransaction(
              handle ->
                  StoreLaws.check(
                      new Transaction(handle, Database.now(InstantSource.system())), dialect));
    } catch (JdbiException e) {
      throw Database.failed(e);
    }
  }

  /**
   * Copies an SQLite file as of one commit. The copy takes its name when it is whole, verified and
   * on the disk; a file of that name is replaced then.
   *
   * @return the laws that do not hold of the store, and hence of its copy
   * @throws InvalidInputException when there is no such file, or the store is PostgreSQL
   * @throws StoreException when the file is damaged or cannot be copied; {@code target} is then as
   *     before
   */
  public static List<Finding> backup(StoreSettings settings, Path target) {
    if (!settings.isFile()) {
      throw InvalidInputException.of(
          "labels backup", settings, "an SQLite file; for PostgreSQL use pg_dump");
    }
    SqliteFile file = existing(settings);
    Path whole = target.toAbsolutePath();
    if (whole.equals(file.path())) {
      throw InvalidInputException.of("labels backup", target, "another file than the store's");
    }
    SqliteFile copy =
        new SqliteFile(whole.resolveSibling(whole.getFileName() + AtomicFile.UNFINISHED));
    List<Finding> found = new ArrayList<>();
    AtomicFile.write(
        whole,
        channel -> {
          channel.close();
          found.addAll(copy(file, copy));
        });
    return found;
  }

  private static List<Finding> copy(SqliteFile file, SqliteFile copy) {
    try (Connection connection = file.reading().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("VACUUM INTO '%s'".formatted(copy.path().toString().replace("'", "''")));
    } catch (SQLException e) {
      throw Database.failed(e);
    }
    List<Finding> found = verify(copy);
    if (found.stream().anyMatch(finding -> finding.law().equals(WHOLE))) {
      throw new StoreException("label store: the copy is damaged: " + found);
    }
    return found;
  }

  private static SqliteFile existing(StoreSettings settings) {
    SqliteFile file = SqliteFile.of(settings);
    file.refuseH2();
    if (!Files.isRegularFile(file.path())) {
      throw InvalidInputException.of("label store", file.path(), "a file");
    }
    return file;
  }
}
