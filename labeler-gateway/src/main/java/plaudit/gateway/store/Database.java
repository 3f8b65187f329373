package plaudit.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import plaudit.input.InvalidInputException;

/**
 * The connection pool over a migrated schema. A transaction that lost a race (a deadlock, a lock
 * that took too long, a key that somebody else inserted first) is run again: the second look sees
 * what the winner committed.
 */
final class Database implements AutoCloseable {

  private static final int ATTEMPTS = 8;

  /**
   * Unique violation, serialization failure, deadlock (both kinds), H2's row changed, lock timeout.
   */
  private static final Set<String> LOST_RACE = Set.of("23505", "40001", "40P01", "90131", "HYT00");

  private static final int H2_FILE_IN_USE = 90020;

  private final HikariDataSource pool;
  private final Dialect dialect;

  private Database(HikariDataSource pool, Dialect dialect) {
    this.pool = pool;
    this.dialect = dialect;
  }

  /** What is done in one transaction. */
  interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  /** Connects and brings the schema up to date. */
  static Database open(StoreSettings settings) {
    String url = settings.url();
    if (settings.dialect() == Dialect.H2) {
      url += ";DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=5000";
    }
    probe(settings, url);
    HikariConfig config = new HikariConfig();
    config.setPoolName("plaudit-labels");
    config.setJdbcUrl(url);
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(settings.connections());
    config.setAutoCommit(false);
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
    return new Database(pool, settings.dialect());
  }

  Dialect dialect() {
    return dialect;
  }

  /**
   * Runs {@code work} in one transaction, committed when this returns.
   *
   * @throws StoreException when the database fails
   */
  <T> T transaction(Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = pool.getConnection()) {
        try {
          T value = work.in(connection);
          connection.commit();
          return value;
        } catch (SQLException | RuntimeException e) {
          connection.rollback();
          throw e;
        }
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !lostRace(e)) {
          throw new StoreException("label store: " + e.getMessage(), e);
        }
      }
    }
  }

  private static boolean lostRace(SQLException e) {
    return e.getSQLState() != null && LOST_RACE.contains(e.getSQLState());
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
      if (e.getErrorCode() == H2_FILE_IN_USE) {
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
