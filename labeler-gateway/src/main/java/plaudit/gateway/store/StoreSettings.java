package plaudit.gateway.store;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import plaudit.files.Sha256;
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
 * @param flags how many vendors' flags take a comparison out of the queue
 * @param keys how long an idempotency key is remembered
 * @param offerAgain when a task on lease is offered to another labeler too
 * @param held how many tasks may be held at once
 * @param labelersPerVendor how many labelers a vendor may have
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
    Duration keys,
    OfferAgain offerAgain,
    Held held,
    int labelersPerVendor) {

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

  /**
   * When a task on lease is offered to another labeler too.
   *
   * @param factor times the median of the vendor's last answers
   * @param atLeast but not before
   * @param unknown while too few answers are known
   */
  public record OfferAgain(double factor, Duration atLeast, Duration unknown) {
    public OfferAgain {
      if (!(factor >= 1 && factor <= 1000)) {
        throw InvalidInputException.of(PATH + ".offer-again.factor", factor, "1 to 1000");
      }
      positive("offer-again.at-least", atLeast);
      positive("offer-again.unknown", unknown);
    }
  }

  /**
   * How many tasks may be held at once.
   *
   * @param labeler by one labeler
   * @param vendor by all labelers of one vendor
   */
  public record Held(int labeler, int vendor) {
    public Held {
      atLeast("held.labeler", labeler, 1);
      atLeast("held.vendor", vendor, 1);
    }
  }

  public StoreSettings {
    atLeast("connections", connections, 1);
    atLeast("overlap", overlap, 1);
    atLeast("extensions", extensions, 0);
    atLeast("flags", flags, 1);
    atLeast("labelers-per-vendor", labelersPerVendor, 1);
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
        store.getDuration("keys"),
        new OfferAgain(
            store.getDouble("offer-again.factor"),
            store.getDuration("offer-again.at-least"),
            store.getDuration("offer-again.unknown")),
        new Held(store.getInt("held.labeler"), store.getInt("held.vendor")),
        store.getInt("labelers-per-vendor"));
  }

  /** The same with an SQLite file. */
  public StoreSettings withFile(Path path) {
    return with("jdbc:sqlite:" + path.toAbsolutePath(), overlap, repeats, held, labelersPerVendor);
  }

  /** The same with exactly this many judgments wanted of every comparison. */
  public StoreSettings withOverlap(int count) {
    return with(url, count, Repeats.NONE, held, labelersPerVendor);
  }

  /** The same with another share of comparisons that several people judge. */
  public StoreSettings withRepeats(Repeats some) {
    return with(url, overlap, some, held, labelersPerVendor);
  }

  /** The same with other bounds of what may be held at once. */
  public StoreSettings withHeld(Held bounds) {
    return with(url, overlap, repeats, bounds, labelersPerVendor);
  }

  /** The same with another bound of a vendor's labelers. */
  public StoreSettings withLabelersPerVendor(int most) {
    return with(url, overlap, repeats, held, most);
  }

  private StoreSettings with(String place, int count, Repeats some, Held bounds, int labelers) {
    return new StoreSettings(
        place,
        user,
        password,
        connections,
        count,
        some,
        lease,
        extensions,
        amend,
        flags,
        keys,
        offerAgain,
        bounds,
        labelers);
  }

  /**
   * Judgments wanted of one comparison. Decided by a hash of its id: the same after a restart, and
   * nothing in the text can tell.
   */
  public int overlapOf(String comparisonId) {
    String hash = Sha256.of(comparisonId);
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
        .formatted(shown(), user, overlap, lease);
  }

  /** The URL without a password. */
  String shown() {
    return url.replaceAll("(?i)password=[^&;]*", "password=...");
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
