package plaudit.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import com.zaxxer.hikari.pool.HikariPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteDataSource;
import plaudit.files.FileIdentity;
import plaudit.files.LockFile;

/**
 * An SQLite file that this process owns. Writes go through one thread ({@link SqliteWriter}), reads
 * have connections of their own and wait for no write. A thread of its own moves the log into the
 * file now and then, so that hardly any commit has to.
 */
final class SqliteDatabase implements Database {

  private static final Logger log = LoggerFactory.getLogger(SqliteDatabase.class);

  /** Transactions that may wait for the disk. */
  private static final int WAITING = 1_024;

  private static final long BETWEEN_MOVES_MILLIS = 250;

  private final SqliteFile file;
  private final FileIdentity identity;
  private final LockFile lock;
  private final SqliteWriter writer;
  private final HikariDataSource readers;
  private final Jdbi reading;
  private final Connection moving;
  private final InstantSource clock;
  private final Thread mover = new Thread(this::move, "plaudit-labels-checkpoints");

  private SqliteDatabase(
      SqliteFile file,
      LockFile lock,
      SqliteWriter writer,
      HikariDataSource readers,
      Connection moving,
      InstantSource clock) {
    this.file = file;
    this.identity = FileIdentity.of(file.path());
    this.lock = lock;
    this.writer = writer;
    this.readers = readers;
    this.reading = Dialect.SQLITE.configured(Jdbi.create(readers));
    this.clock = clock;
    this.moving = moving;
    mover.setDaemon(true);
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
      SqliteDatabase database =
          new SqliteDatabase(
              file,
              lock,
              new SqliteWriter(file.writing(), clock, WAITING),
              readers(file, settings.connections()),
              file.writing().getConnection(),
              clock);
      database.mover.start();
      return database;
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
    broken()
        .ifPresent(
            why -> {
              throw new StoreException("label store: " + why);
            });
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

  @Override
  public Optional<String> broken() {
    if (!writer.isAlive()) {
      return Optional.of("the thread that writes has ended");
    }
    if (identity.isLost()) {
      return Optional.of(file.path() + " was deleted or replaced while it was open");
    }
    return lock.isLost()
        ? Optional.of("the lock of " + file.path() + " was deleted or replaced")
        : Optional.empty();
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    readers.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
    writer.bindTo(registry);
  }

  /** What cannot be moved now, as on a full disk, stays in the log. */
  private void move() {
    try (Statement statement = moving.createStatement()) {
      while (!Thread.interrupted()) {
        try {
          TimeUnit.MILLISECONDS.sleep(BETWEEN_MOVES_MILLIS);
          statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)").close();
        } catch (SQLException e) {
          log.debug("The log of the label store is not moved: [{}]", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      log.warn("The log of the label store is moved by commits from now on: [{}]", e.getMessage());
    }
  }

  /** Readers first: the last connection moves the log into the file and removes it. */
  @Override
  public void close() {
    readers.close();
    stopMoving();
    writer.close();
    unlock(lock);
  }

  private void stopMoving() {
    mover.interrupt();
    try {
      mover.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try {
      moving.close();
    } catch (SQLException e) {
      log.warn("A connection of the label store cannot be closed: [{}]", e.getMessage());
    }
  }

  private static void unlock(LockFile lock) {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the lock of the label store", e);
    }
  }
}
