package plaudit.gateway.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import plaudit.input.InvalidInputException;

/**
 * The right to make a run, as a row of the label store's PostgreSQL database: a process has it
 * until a time by the database's clock, and renews it. For clusters whose disks have no locks that
 * hold across machines.
 *
 * <p>{@link LeaseRenewal} says how a holder knows that it has lost it. Each taking raises the
 * epoch; a renewal of an older epoch changes nothing.
 */
public final class RunLease implements AutoCloseable {

  private static final String NO_SUCH_TABLE = "42P01";

  private final StoreSettings settings;
  private final String run;
  private final long epoch;
  private final Duration time;
  private final LeaseRenewal renewal;

  private RunLease(StoreSettings settings, String run, long epoch, Duration time, long since) {
    this.settings = settings;
    this.run = run;
    this.epoch = epoch;
    this.time = time;
    this.renewal =
        new LeaseRenewal(
            run,
            new LeaseRenewal.Entry() {
              @Override
              public boolean renew() throws SQLException {
                return update("clock_timestamp() + ? * INTERVAL '1 millisecond'", time.toMillis());
              }

              @Override
              public void release() throws SQLException {
                update("clock_timestamp() - ? * INTERVAL '1 millisecond'", 1);
              }
            },
            time,
            since);
  }

  /**
   * Takes the lease of a run, unless another process has it.
   *
   * @param settings of the label store, a PostgreSQL database
   * @param run by which all processes of the run know it
   * @param holder this process, in words
   * @param time how long it lasts without a renewal
   * @throws InvalidInputException if the database cannot be used
   */
  public static Optional<RunLease> take(
      StoreSettings settings, String run, String holder, Duration time) {
    migrate(settings);
    long before = System.nanoTime();
    try (Connection connection = connect(settings, time)) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              """
              INSERT INTO run_lease AS held (run, holder, epoch, expires_at)
              VALUES (?, ?, 1, clock_timestamp() + ? * INTERVAL '1 millisecond')
              ON CONFLICT (run) DO UPDATE SET
                holder = EXCLUDED.holder, epoch = held.epoch + 1, expires_at = EXCLUDED.expires_at
              WHERE held.expires_at < clock_timestamp()
              RETURNING epoch\
              """)) {
        statement.setString(1, run);
        statement.setString(2, holder);
        statement.setLong(3, time.toMillis());
        try (ResultSet row = statement.executeQuery()) {
          return row.next()
              ? Optional.of(new RunLease(settings, run, row.getLong(1), time, before))
              : Optional.empty();
        }
      }
    } catch (SQLException e) {
      throw Database.unusable(settings, e);
    }
  }

  /**
   * The process that has the lease of a run, in words; empty if none has.
   *
   * @throws InvalidInputException if the database cannot be used
   */
  public static Optional<String> holder(StoreSettings settings, String run, Duration time) {
    try (Connection connection = connect(settings, time);
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT holder FROM run_lease WHERE run = ? AND expires_at >= clock_timestamp()")) {
      statement.setString(1, run);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    } catch (SQLException e) {
      if (NO_SUCH_TABLE.equals(e.getSQLState())) {
        return Optional.empty();
      }
      throw Database.unusable(settings, e);
    }
  }

  /** Whether this process still has it. */
  public boolean isHeld() {
    return renewal.isHeld();
  }

  /** How often the lease was taken, this time included. */
  public long epoch() {
    return epoch;
  }

  private boolean update(String expires, long millis) throws SQLException {
    try (Connection connection = connect(settings, time);
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE run_lease SET expires_at = %s WHERE run = ? AND epoch = ?"
                    .formatted(expires))) {
      statement.setLong(1, millis);
      statement.setString(2, run);
      statement.setLong(3, epoch);
      return statement.executeUpdate() == 1;
    }
  }

  /** The database may have no label store yet. */
  private static void migrate(StoreSettings settings) {
    try {
      Flyway.configure()
          .dataSource(settings.url(), settings.user(), settings.password())
          .locations(Dialect.POSTGRESQL.migrations())
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw Database.unusable(settings, e);
    }
  }

  /** One that gives up well within the lease's time. */
  private static Connection connect(StoreSettings settings, Duration time) throws SQLException {
    String seconds = String.valueOf(Math.max(1, time.toSeconds() / LeaseRenewal.RENEWALS));
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password());
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("socketTimeout", seconds);
    return DriverManager.getConnection(settings.url(), properties);
  }

  /** Lets others take it at once. */
  @Override
  public void close() {
    renewal.close();
  }
}
