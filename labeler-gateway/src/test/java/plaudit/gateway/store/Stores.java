package plaudit.gateway.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;

/** Label stores in real files for tests. */
public final class Stores {

  private Stores() {}

  /** The default settings with a file in {@code directory}; one judgment a comparison. */
  public static StoreSettings settings(Path directory) {
    return StoreSettings.from(ConfigFactory.load())
        .withRepeats(StoreSettings.Repeats.NONE)
        .withFile(directory.resolve("labels.sqlite"));
  }

  /** An open store whose tasks are held for {@code lease}. */
  public static JdbcLabels open(Path directory, Duration lease) {
    Config brief =
        ConfigFactory.parseString("plaudit.gateway.store.lease = %d ms".formatted(lease.toMillis()))
            .withFallback(ConfigFactory.load());
    return JdbcLabels.open(
        StoreSettings.from(brief)
            .withRepeats(StoreSettings.Repeats.NONE)
            .withFile(directory.resolve("labels.sqlite")),
        InstantSource.system(),
        new SecureRandom());
  }

  /** An open store that runs on the system's clock. */
  public static JdbcLabels open(Path directory) {
    return JdbcLabels.open(settings(directory), InstantSource.system(), new SecureRandom());
  }

  /** An open store that runs on {@code clock} and a fixed seed. */
  static JdbcLabels open(StoreSettings settings, InstantSource clock) {
    return JdbcLabels.open(settings, clock, new Random(7));
  }

  /** A clock that a test turns. */
  static final class Hand implements InstantSource {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    void forward(Duration time) {
      now = now.plus(time);
    }
  }
}
