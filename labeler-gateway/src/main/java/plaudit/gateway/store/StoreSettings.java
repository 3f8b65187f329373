package plaudit.gateway.store;

import com.typesafe.config.Config;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import plaudit.input.InvalidInputException;

/**
 * Where labels are kept and how long people hold a task.
 *
 * @param url a JDBC URL of an SQLite file or of PostgreSQL
 * @param user database user
 * @param password database password
 * @param connections size of the connection pool
 * @param overlap judgments wanted of each comparison
 * @param repeats which comparisons more people are asked, to learn how far they agree
 * @param lease how long a task is held without an extension
 * @param extensions how often one lease can be extended
 * @param amend how long after its receipt a judgment can be changed
 * @param flags how many flags take a comparison out of the queue
 * @param keys how long an idempotency key is remembered
 */
public record StoreSettings(
    String url,
    String user,
    String password,
    int connections,
    int overlap,
    Repeats repeats,
    Duration lease,
    int extensions,
    Duration amend,
    int flags,
    Duration keys) {

  private static final String PATH = "plaudit.gateway.store";

  /**
   * A share of the comparisons is put to several people (paper 1.4: 5 % to five).
   *
   * @param share of the comparisons, 0 for none
   * @param overlap judgments wanted of each of them
   */
  public record Repeats(double share, int overlap) {

    /** Every comparison is put to as many people as the settings' overlap says. */
    public static final Repeats NONE = new Repeats(0, 1);

    public Repeats {
      if (!(share >= 0 && share <= 1)) {
        throw InvalidInputException.of(PATH + ".repeats.share", share, "0 to 1");
      }
      atLeast("repeats.overlap", overlap, 1);
    }
  }

  public StoreSettings {
    atLeast("connections", connections, 1);
    atLeast("overlap", overlap, 1);
    atLeast("extensions", extensions, 0);
    atLeast("flags", flags, 1);
    positive("lease", lease);
    positive("keys", keys);
    if (amend.isNegative()) {
      throw InvalidInputException.of(PATH + ".amend", amend, ">= 0s");
    }
    if (Dialect.of(url) == Dialect.SQLITE && (url.contains("?") || url.contains(":memory:"))) {
      throw InvalidInputException.of(
          PATH + ".url", url, "jdbc:sqlite:PATH, a file and no parameters");
    }
  }

  /** Reads {@code plaudit.gateway.store}. */
  public static StoreSettings from(Config config) {
    Config store = config.getConfig(PATH);
    return new StoreSettings(
        store.getString("url"),
        store.getString("user"),
        store.getString("password"),
        store.getInt("connections"),
        store.getInt("overlap"),
        new Repeats(store.getDouble("repeats.share"), store.getInt("repeats.overlap")),
        store.getDuration("lease"),
        store.getInt("extensions"),
        store.getDuration("amend"),
        store.getInt("flags"),
        store.getDuration("keys"));
  }

  /** The same with an SQLite file. */
  public StoreSettings withFile(Path path) {
    return new StoreSettings(
        "jdbc:sqlite:" + path.toAbsolutePath(),
        user,
        password,
        connections,
        overlap,
        repeats,
        lease,
        extensions,
        amend,
        flags,
        keys);
  }

  /** The same with exactly this many judgments wanted of every comparison. */
  public StoreSettings withOverlap(int count) {
    return new StoreSettings(
        url,
        user,
        password,
        connections,
        count,
        Repeats.NONE,
        lease,
        extensions,
        amend,
        flags,
        keys);
  }

  /** The same with another share of comparisons that several people judge. */
  public StoreSettings withRepeats(Repeats some) {
    return new StoreSettings(
        url, user, password, connections, overlap, some, lease, extensions, amend, flags, keys);
  }

  /**
   * Judgments wanted of one comparison. Decided by a hash of its id: the same after a restart, and
   * nothing in the text can tell.
   */
  public int overlapOf(String comparisonId) {
    String hash = Hashes.sha256(comparisonId.getBytes(StandardCharsets.UTF_8));
    double lot = Long.parseLong(hash.substring(0, 13), 16) * 0x1p-52;
    return lot < repeats.share() ? Math.max(overlap, repeats.overlap()) : overlap;
  }

  /** Whether labels are in a file that one process owns. */
  public boolean isFile() {
    return dialect() == Dialect.SQLITE;
  }

  Dialect dialect() {
    return Dialect.of(url);
  }

  @Override
  public String toString() {
    return "StoreSettings[url=%s, user=%s, overlap=%d, lease=%s]"
        .formatted(url.replaceAll("(?i)password=[^&;]*", "password=..."), user, overlap, lease);
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw InvalidInputException.of(PATH + "." + key, value, ">= " + least);
    }
  }

  private static void positive(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw InvalidInputException.of(PATH + "." + key, value, "> 0s");
    }
  }
}
