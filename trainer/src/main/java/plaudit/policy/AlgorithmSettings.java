package plaudit.policy;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelConfig;
import plaudit.optim.Adapters;

/**
 * How the policy learns: as in the paper, or by an algorithm that came after it ({@code
 * docs/algorithms.md}).
 *
 * @param kind which objective
 * @param group responses sampled to each prompt; a batch has whole groups
 * @param softLabels for online DPO: whether preferences are as uncertain as the scores say
 * @param separateValue whether the value estimates come from a network of their own
 * @param lora low-rank adapters in place of all weights, if wanted
 * @param smallMinibatches whether fewer than eight sequences may be whitened together
 * @param whiteningParts parts of a minibatch that are whitened each by itself
 * @param correction for responses of an older policy
 */
public record AlgorithmSettings(
    Algorithm kind,
    int group,
    boolean softLabels,
    boolean separateValue,
    Lora lora,
    boolean smallMinibatches,
    int whiteningParts,
    Correction correction) {

  /** PPO with a shared trunk. */
  public static final AlgorithmSettings PAPER =
      new AlgorithmSettings(Algorithm.PPO, 1, false, false, Lora.OFF, false, 1, Correction.NONE);

  /** Fewest sequences whose whitening means something (paper X4). */
  static final int FEWEST_WHITENED = 8;

  /**
   * Low-rank adapters.
   *
   * @param rank of each; 0 for none, then all weights are trained
   * @param alpha their scale is alpha / rank
   */
  public record Lora(int rank, double alpha) {
    /** All weights are trained. */
    public static final Lora OFF = new Lora(0, 16);

    /** Checks the numbers. */
    public Lora {
      PolicySettings.require(rank >= 0, "lora.rank", rank, ">= 0");
      PolicySettings.require(alpha > 0 && Double.isFinite(alpha), "lora.alpha", alpha, "> 0");
    }

    /** Whether there are any. */
    public boolean on() {
      return rank > 0;
    }

    /** The adapters of an architecture. */
    public Adapters of(ModelConfig config) {
      return new Adapters(config, rank, alpha);
    }
  }

  /** The objectives. */
  public enum Algorithm {
    PPO,
    RLOO,
    GRPO,
    ONLINE_DPO;

    /** As the configuration writes it. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Checks what can be checked without the other settings. */
  public AlgorithmSettings {
    PolicySettings.require(group >= 1, "group", group, ">= 1");
    PolicySettings.require(whiteningParts >= 1, "whitening-parts", whiteningParts, ">= 1");
    boolean groups = kind != Algorithm.PPO;
    PolicySettings.require(
        !groups || group >= 2, "group", group, ">= 2 responses a prompt for " + kind.key());
    PolicySettings.require(
        !groups || !separateValue,
        "value-network",
        "separate",
        "shared: " + kind.key() + " learns no values");
    correction.checkFor(kind);
  }

  /** Reads it from {@code plaudit.policy}, given as {@code own}. */
  static AlgorithmSettings from(Config own) {
    return new AlgorithmSettings(
        named(own.getString("algorithm")),
        own.getInt("group"),
        choice(own, "online-dpo.labels", "hard", "soft"),
        choice(own, "value-network", "shared", "separate"),
        new Lora(own.getInt("lora.rank"), own.getDouble("lora.alpha")),
        own.getBoolean("allow-small-minibatches"),
        own.getInt("whitening-parts"),
        Correction.from(own));
  }

  private static Algorithm named(String name) {
    return Arrays.stream(Algorithm.values())
        .filter(algorithm -> algorithm.key().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "plaudit.policy.algorithm",
                    name,
                    Arrays.stream(Algorithm.values())
                        .map(Algorithm::key)
                        .collect(Collectors.joining(", "))));
  }

  private static boolean choice(Config own, String key, String no, String yes) {
    String value = own.getString(key);
    PolicySettings.require(value.equals(no) || value.equals(yes), key, value, no + " or " + yes);
    return value.equals(yes);
  }
}
