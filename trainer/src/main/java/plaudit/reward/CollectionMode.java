package plaudit.reward;

import java.util.Locale;
import java.util.Optional;

/** When people are asked (paper 1.4 and 5.8). */
public enum CollectionMode {
  /** Always: questions are out while the policy learns. */
  CONTINUOUS,
  /**
   * In rounds: the policy stops, all questions of the round are asked and answered, the reward
   * model is trained, the policy goes on. Which labels train which version does not depend on when
   * they come.
   */
  BATCHED;

  /** By its name in the configuration. */
  public static Optional<CollectionMode> named(String name) {
    for (CollectionMode collection : values()) {
      if (collection.name().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(collection);
      }
    }
    return Optional.empty();
  }
}
