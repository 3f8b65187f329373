package plaudit.gateway.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import com.zaxxer.hikari.pool.HikariPool;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * A connection pool over PostgreSQL. A transaction that lost a race (a deadlock, a lock that took
 * too long, a key that another transaction inserted first) is run again: the second look sees what
 * the winner committed.
 */
final class PostgresDatabase implements Database {

  private static final int ATTEMPTS = 8;

  /** Unique violation, serialization failure, deadlock. */
  private static final String LOST_RACE = "23505|40001|40P01";

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final InstantSource clock;

  private PostgresDatabase(HikariDataSource pool, InstantSource clock) {
    this.pool = pool;
    this.jdbi = Dialect.POSTGRESQL.configured(Jdbi.create(pool));
    this.clock = clock;
  }

  static PostgresDatabase open(StoreSettings settings, InstantSource clock) {
    HikariDataSource pool = connect(settings, settings.connections());
    try {
      Flyway.configure()
          .dataSource(pool)
          .locations(Dialect.POSTGRESQL.migrations())
          .load()
          .migrate();
    } catch (FlywayException e) {
      pool.close();
      throw Database.unusable(settings, e);
    }
    return new PostgresDatabase(pool, clock);
  }

  private static HikariDataSource connect(StoreSettings settings, int connections) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("plaudit-labels");
    config.setJdbcUrl(settings.url());
    config.setUsername(settings.user());
    config.setPassword(settings.password());
    config.setMaximumPoolSize(connections);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    try {
      // One plain connection first: its error names the cause where the pool's waits and wraps.
      DriverManager.getConnection(settings.url(), settings.user(), settings.password()).close();
      return new HikariDataSource(config);
    } catch (SQLException | HikariPool.PoolInitializationException e) {
      throw Database.unusable(settings, e);
    }
  }

  @Override
  public <T> T transaction(Function<Transaction, T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return jdbi.inTransaction(
            handle -> work.apply(new Transaction(handle, Database.now(clock))));
      } catch (JdbiException e) {
        SQLException cause = Database.sql(e);
        if (attempt == ATTEMPTS || cause == null || !lostRace(cause)) {
          throw Database.failed(e);
        }
      }
    }
  }

  private static boolean lostRace(SQLException e) {
    return e.getSQLState() != null && e.getSQLState().matches(LOST_RACE);
  }

  @Override
  public <T> T read(Function<Transaction, T> work) {
    return transaction(work);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
  }

  @Override
  public void close() {
    pool.close();
  }
}
