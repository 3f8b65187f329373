package plaudit.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * The connection pool over a migrated schema. A transaction that lost a race (a deadlock, a lock
 * that took too long, a key that another transaction inserted first) is run again: the second look
 * sees what the winner committed.
 */
final class Database implements AutoCloseable {

  private static final int ATTEMPTS = 8;

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final Dialect dialect;
  private final InstantSource clock;

  private Database(HikariDataSource pool, Dialect dialect, InstantSource clock) {
    this.pool = pool;
    this.jdbi = dialect.configured(Jdbi.create(pool));
    this.dialect = dialect;
    this.clock = clock;
  }

  /** Connects and brings the schema up to date. */
  static Database open(StoreSettings settings, InstantSource clock) {
    String url = settings.dialect().connectionUrl(settings.url());
    probe(settings, url);
    HikariConfig config = new HikariConfig();
    config.setPoolName("plaudit-labels");
    config.setJdbcUrl(url);
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(settings.connections());
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    HikariDataSource pool;
    try {
      pool = new HikariDataSource(config);
    } catch (HikariPool.PoolInitializationException e) {
      throw unusable(settings, e);
    }
    try {
      Flyway.configure().dataSource(pool).locations("classpath:db/migration").load().migrate();
    } catch (FlywayException e) {
      pool.close();
      throw unusable(settings, e);
    }
    return new Database(pool, settings.dialect(), clock);
  }

  /**
   * Runs {@code work} in one transaction, committed when this returns.
   *
   * @throws StoreException when the database fails
   */
  <T> T transaction(Function<Transaction, T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return jdbi.inTransaction(handle -> work.apply(new Transaction(handle, now())));
      } catch (JdbiException e) {
        SQLException cause = sql(e);
        if (attempt == ATTEMPTS || cause == null || !dialect.lostRace(cause)) {
          throw new StoreException(
              "label store: " + (cause == null ? e : cause).getMessage(),
              cause == null ? e : cause);
        }
      }
    }
  }

  /** The database keeps microseconds; milliseconds survive every trip. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private static @Nullable SQLException sql(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException found) {
        return found;
      }
    }
    return null;
  }

  @Override
  public void close() {
    pool.close();
  }

  /** One plain connection first: its error names the cause where the pool's waits and wraps. */
  private static void probe(StoreSettings settings, String url) {
    try {
      DriverManager.getConnection(url, settings.user(), settings.password()).close();
    } catch (SQLException e) {
      if (settings.dialect().inUse(e)) {
        throw new InvalidInputException(
            "plaudit.gateway.store.url: %s is open in another process (expected: one owner of the file, or a PostgreSQL URL)"
                .formatted(settings.url()),
            e);
      }
      throw unusable(settings, e);
    }
  }

  private static InvalidInputException unusable(StoreSettings settings, Exception e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return new InvalidInputException(
        "plaudit.gateway.store.url: %s cannot be used: %s".formatted(settings, reason), e);
  }
}
