package plaudit.policy;

import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import plaudit.input.InvalidInputException;
import plaudit.policy.AlgorithmSettings.Algorithm;

/**
 * How responses of an older policy are corrected for ({@code docs/algorithms.md}, "Stale
 * responses"). Beside the policy that is learned (pi) there are two: the one that sampled (mu,
 * whose log-probabilities were recorded) and the learner's own at the start of the update (prox).
 * PPO's clip bounds how far one <em>update</em> goes, so its ratio belongs to prox; how far prox
 * had gone from mu is a weight beside it:
 *
 * <pre>  loss = mean(w * max(-A * pi/prox, -A * clip(pi/prox, 1 - e, 1 + e))),  w from prox/mu
 * </pre>
 *
 * On-policy prox is mu, w is 1, and each of these is plain PPO.
 *
 * @param kind which
 * @param isCap {@link Kind#TRUNCATED_IS}: largest weight
 * @param decoupledCap {@link Kind#DECOUPLED}: largest weight that counts
 * @param rhoCap {@link Kind#V_TRACE}: largest weight of a token
 * @param cCap {@link Kind#V_TRACE}: largest factor with which a token passes on what came after it
 */
public record Correction(Kind kind, double isCap, double decoupledCap, double rhoCap, double cCap) {

  /** Which correction. */
  public enum Kind {
    /** The clip alone, around mu: the paper. */
    NONE,

    /** w = min(prox/mu, cap): truncated importance sampling (Ionides 2008; Yao et al. 2025). */
    TRUNCATED_IS,

    /**
     * w = prox/mu, and 0 where that is above the cap: decoupled PPO (Hilton et al. 2021) with the
     * cap of AReaL (Fu et al. 2025).
     */
    DECOUPLED,

    /** w = min(prox/mu, rho), and {@link VTrace} in place of GAE (Espeholt et al. 2018). */
    V_TRACE;

    /** As the configuration writes it. */
    public String key() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** None, as in the paper. */
  public static final Correction NONE = new Correction(Kind.NONE, 2, 5, 1, 1);

  /** Checks the numbers. On-policy tokens have weight 1, which no cap may cut. */
  public Correction {
    cap("is", isCap);
    cap("decoupled", decoupledCap);
    cap("rho", rhoCap);
    cap("c", cCap);
    PolicySettings.require(
        cCap <= rhoCap, "correction-caps.c", cCap, "at most correction-caps.rho of " + rhoCap);
  }

  private static void cap(String name, double value) {
    PolicySettings.require(
        value >= 1 && Double.isFinite(value), "correction-caps." + name, value, ">= 1");
  }

  /** Reads it from {@code plaudit.policy}, given as {@code own}. */
  static Correction from(Config own) {
    return new Correction(
        named(own.getString("correction")),
        own.getDouble("correction-caps.is"),
        own.getDouble("correction-caps.decoupled"),
        own.getDouble("correction-caps.rho"),
        own.getDouble("correction-caps.c"));
  }

  private static Kind named(String name) {
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.key().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "plaudit.policy.correction",
                    name,
                    Arrays.stream(Kind.values()).map(Kind::key).collect(Collectors.joining(", "))));
  }

  /** Whether the learner's own log-probabilities are needed at all. */
  boolean on() {
    return kind != Kind.NONE;
  }

  /** Refuses impossible pairs: V-trace corrects values, and preferences have no ratio. */
  void checkFor(Algorithm algorithm) {
    boolean fits =
        switch (kind) {
          case NONE -> true;
          case TRUNCATED_IS, DECOUPLED -> algorithm != Algorithm.ONLINE_DPO;
          case V_TRACE -> algorithm == Algorithm.PPO;
        };
    String others = algorithm == Algorithm.ONLINE_DPO ? "" : ", truncated-is or decoupled";
    PolicySettings.require(
        fits, "correction", kind.key(), "none" + others + " for " + algorithm.key());
  }

  /** The weight of a token. */
  double weight(double ratio) {
    return switch (kind) {
      case NONE -> 1;
      case TRUNCATED_IS -> Math.min(ratio, isCap);
      case DECOUPLED -> ratio > decoupledCap ? 0 : ratio;
      case V_TRACE -> Math.min(ratio, rhoCap);
    };
  }

  /** Whether a token's weight is not its ratio. */
  boolean cuts(double ratio) {
    return on() && weight(ratio) < ratio;
  }
}
