package plaudit.experience;

import java.util.Locale;
import plaudit.input.InvalidInputException;

/** How the hard staleness bound K is held. */
public enum OnStale {
  /** A trajectory that is too old is dropped, and its place is sampled anew. */
  DROP,

  /** The learner waits for work that would otherwise become too old. Nothing is dropped. */
  WAIT;

  /** Reads {@code plaudit.experience.on-stale}. */
  public static OnStale of(String word) {
    return switch (word) {
      case "drop" -> DROP;
      case "wait" -> WAIT;
      default ->
          throw InvalidInputException.of("plaudit.experience.on-stale", word, "drop or wait");
    };
  }

  /** As settings have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
