package plaudit.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteDataSource;
import plaudit.files.LockFile;

/**
 * An SQLite file that this process owns. Writes go through one thread ({@link SqliteWriter}), reads
 * have connections of their own and wait for no write.
 */
final class SqliteDatabase implements Database {

  /** Transactions that may wait for the disk. */
  private static final int WAITING = 1_024;

  private final LockFile lock;
  private final SqliteWriter writer;
  private final HikariDataSource readers;
  private final Jdbi reading;
  private final InstantSource clock;

  private SqliteDatabase(
      LockFile lock, SqliteWriter writer, HikariDataSource readers, InstantSource clock) {
    this.lock = lock;
    this.writer = writer;
    this.readers = readers;
    this.reading = Dialect.SQLITE.configured(Jdbi.create(readers));
    this.clock = clock;
  }

  static SqliteDatabase open(StoreSettings settings, InstantSource clock) {
    SqliteFile file = SqliteFile.of(settings);
    LockFile lock;
    try {
      lock = file.take();
    } catch (UncheckedIOException e) {
      throw Database.unusable(settings, e);
    }
    try {
      migrate(file.writing());
      return new SqliteDatabase(
          lock,
          new SqliteWriter(file.writing(), clock, WAITING),
          readers(file, settings.connections()),
          clock);
    } catch (SQLException | FlywayException | HikariPool.PoolInitializationException e) {
      unlock(lock);
      throw Database.unusable(settings, e);
    }
  }

  private static void migrate(SQLiteDataSource source) throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet mode = statement.executeQuery("PRAGMA journal_mode")) {
      if (!mode.getString(1).equals("wal")) {
        throw new SQLException("no write-ahead log is possible there (expected: a local disk)");
      }
    }
    Flyway.configure().dataSource(source).locations(Dialect.SQLITE.migrations()).load().migrate();
  }

  private static HikariDataSource readers(SqliteFile file, int connections) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("plaudit-labels-readers");
    config.setDataSource(file.reading());
    config.setReadOnly(true);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }

  @Override
  public <T> T transaction(Function<Transaction, T> work) {
    return writer.transaction(work);
  }

  @Override
  public <T> T read(Function<Transaction, T> work) {
    try {
      return reading.inTransaction(
          handle -> work.apply(new Transaction(handle, Database.now(clock))));
    } catch (JdbiException e) {
      throw Database.failed(e);
    }
  }

  /** Readers first: the last connection moves the log into the file and removes it. */
  @Override
  public void close() {
    readers.close();
    writer.close();
    unlock(lock);
  }

  private static void unlock(LockFile lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the lock of the label store", e);
    }
  }
}
