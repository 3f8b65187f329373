package plaudit.experience.journal;

import com.typesafe.config.Config;
import plaudit.input.InvalidInputException;

/**
 * The journal's settings; {@code plaudit.experience.journal} in the configuration gives the
 * reasons.
 *
 * @param on whether there is one
 * @param keepsAll whether segments are kept that no checkpoint needs any more
 * @param forcesEach whether each entry is flushed to the disk
 */
public record JournalSettings(boolean on, boolean keepsAll, boolean forcesEach) {

  /** Reads {@code plaudit.experience.journal}. */
  public static JournalSettings from(Config config) {
    Config own = config.getConfig("plaudit.experience.journal");
    return new JournalSettings(
        own.getBoolean("enabled"),
        choice(own, "keep", "needed", "all"),
        choice(own, "force", "segment", "entry"));
  }

  private static boolean choice(Config own, String key, String no, String yes) {
    String value = own.getString(key);
    if (!value.equals(no) && !value.equals(yes)) {
      throw InvalidInputException.of("plaudit.experience.journal." + key, value, no + " or " + yes);
    }
    return value.equals(yes);
  }
}
