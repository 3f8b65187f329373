package plaudit.gateway.store;

import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;

/** Transactions over a schema that is up to date. Any thread may call; calls block. */
interface Database extends AutoCloseable {

  /**
   * Connects and brings the schema up to date.
   *
   * @throws InvalidInputException when the URL cannot be used or another process owns the file
   */
  static Database open(StoreSettings settings, InstantSource clock) {
    return settings.isFile()
        ? SqliteDatabase.open(settings, clock)
        : PostgresDatabase.open(settings, clock);
  }

  /**
   * Runs {@code work} in one transaction, committed when this returns. Where it throws, nothing of
   * it is kept.
   *
   * @throws StoreException when the database fails
   */
  <T> T transaction(Function<Transaction, T> work);

  /**
   * Runs {@code work}, which changes nothing, on what was committed when it began.
   *
   * @throws StoreException when the database fails
   */
  <T> T read(Function<Transaction, T> work);

  /** Why nothing that is stored from now on will last, in words; only opening anew helps. */
  default Optional<String> broken() {
    return Optional.empty();
  }

  /** Registers how connections and transactions wait. */
  void bindTo(MeterRegistry registry);

  @Override
  void close();

  /** The instant of a transaction: PostgreSQL keeps microseconds, SQLite milliseconds. */
  static Instant now(InstantSource clock) {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** What the driver said. */
  static @Nullable SQLException sql(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException found) {
        return found;
      }
    }
    return null;
  }

  /** The failure of a transaction with the driver's words. */
  static StoreException failed(Throwable failure) {
    SQLException cause = sql(failure);
    Throwable named = cause == null ? failure : cause;
    return new StoreException("label store: " + named.getMessage(), named);
  }

  /** Why the store cannot be opened: for now, or with these settings. */
  static InvalidInputException unusable(StoreSettings settings, Throwable e) {
    String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String sentence =
        "plaudit.gateway.store.url: %s cannot be used: %s".formatted(settings.shown(), reason);
    SQLException cause = sql(e);
    return cause != null && settings.dialect().passes(cause)
        ? new UnavailableException(sentence, e)
        : new InvalidInputException(sentence, e);
  }
}
