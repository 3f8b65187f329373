package plaudit.experience;

import java.util.Locale;
import plaudit.input.InvalidInputException;

/** How the hard staleness bound K is held. */
public enum OnStale {
  /** What became too old is dropped and sampled anew. Nobody waits. */
  DROP,

  /** The learner waits for what would become too old without it. Nothing is dropped. */
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
