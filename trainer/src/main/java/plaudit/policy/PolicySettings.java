package plaudit.policy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.util.List;
import plaudit.input.InvalidInputException;
import plaudit.optim.AdamSettings;
import plaudit.optim.Schedule;

/**
 * The settings of the policy learner: {@code plaudit.policy} in reference.conf, where each number
 * has its unit and reason.
 *
 * @param batch trajectories an update learns from
 * @param minibatches optimizer steps an epoch; divides {@code batch}
 * @param epochs passes over the batch
 * @param updates how many updates the run makes
 * @param checkpointEvery updates between two checkpoints
 * @param learningRate the highest learning rate
 * @param shape how the learning rate falls
 * @param warmUp updates during which the learning rate rises
 * @param adam the optimizer's constants
 * @param gamma discount a token
 * @param lambda how far advantages look ahead
 * @param clipRatio how far the probability ratio may move from 1
 * @param clipValue how far a value estimate may move from the old one
 * @param valueCoefficient weight of the value loss
 * @param whitenRewards whether rewards are brought to variance 1
 * @param kl the KL penalty
 * @param tripwires when to stop by itself
 * @param algorithm how it learns
 */
public record PolicySettings(
    int batch,
    int minibatches,
    int epochs,
    int updates,
    int checkpointEvery,
    double learningRate,
    Schedule.Shape shape,
    int warmUp,
    AdamSettings adam,
    double gamma,
    double lambda,
    double clipRatio,
    double clipValue,
    double valueCoefficient,
    boolean whitenRewards,
    Kl kl,
    Tripwires.Limits tripwires,
    AlgorithmSettings algorithm) {

  private static final String PATH = "plaudit.policy";

  /**
   * The KL penalty.
   *
   * @param adaptive whether its coefficient is steered so that the KL comes to a target
   * @param beta the first KL coefficient, in reward a nat
   * @param target KL in nats a sequence
   * @param horizon episodes
   */
  public record Kl(boolean adaptive, double beta, double target, double horizon) {
    public Kl {
      require(beta >= 0 && Double.isFinite(beta), "kl.beta", beta, ">= 0");
      require(target > 0 && Double.isFinite(target), "kl.target", target, "> 0");
      require(horizon > 0 && Double.isFinite(horizon), "kl.horizon", horizon, "> 0");
    }
  }

  public PolicySettings {
    require(batch >= 1, "batch", batch, ">= 1");
    require(
        minibatches >= 1 && batch % minibatches == 0,
        "minibatches",
        minibatches,
        "a divisor of the batch of " + batch);
    require(epochs >= 1, "epochs", epochs, ">= 1");
    require(updates >= 1, "updates", updates, ">= 1");
    require(checkpointEvery >= 1, "checkpoint-every", checkpointEvery, ">= 1");
    require(
        learningRate > 0 && Double.isFinite(learningRate), "learning-rate", learningRate, "> 0");
    require(
        warmUp >= 0 && warmUp < updates, "warm-up", warmUp, ">= 0 and < " + updates + " updates");
    require(gamma > 0 && gamma <= 1, "gamma", gamma, "> 0 and <= 1");
    require(lambda >= 0 && lambda <= 1, "lambda", lambda, ">= 0 and <= 1");
    require(clipRatio > 0 && clipRatio < 1, "clip-ratio", clipRatio, "> 0 and < 1");
    require(clipValue > 0 && Double.isFinite(clipValue), "clip-value", clipValue, "> 0");
    require(
        valueCoefficient >= 0 && Double.isFinite(valueCoefficient),
        "value-coefficient",
        valueCoefficient,
        ">= 0");
    // At five horizons an update the bounded error could turn the coefficient negative.
    require(
        !kl.adaptive() || batch < 5 * kl.horizon(),
        "kl.horizon",
        kl.horizon(),
        "more than a fifth of the batch of " + batch);
    require(
        batch % (minibatches * algorithm.group()) == 0,
        "group",
        algorithm.group(),
        "a divisor of the minibatch of " + batch / minibatches);
    require(
        batch / minibatches % algorithm.whiteningParts() == 0,
        "whitening-parts",
        algorithm.whiteningParts(),
        "a divisor of the minibatch of " + batch / minibatches);
    require(
        algorithm.smallMinibatches() || !whitensFew(algorithm, batch / minibatches),
        minibatches > 1 ? "minibatches" : "batch",
        minibatches > 1 ? minibatches : batch,
        "at least %d sequences a minibatch to whiten, or %s"
            .formatted(AlgorithmSettings.FEWEST_WHITENED, key("allow-small-minibatches = on")));
  }

  /** Reads {@code plaudit.policy} of the whole configuration. */
  public static PolicySettings from(Config root) {
    try {
      return read(root);
    } catch (ConfigException e) {
      throw new InvalidInputException(String.valueOf(e.getMessage()), e);
    }
  }

  private static PolicySettings read(Config root) {
    String shape = root.getString(key("schedule"));
    return new PolicySettings(
        root.getInt(key("batch")),
        root.getInt(key("minibatches")),
        root.getInt(key("epochs")),
        root.getInt(key("updates")),
        root.getInt(key("checkpoint-every")),
        root.getDouble(key("learning-rate")),
        Schedule.Shape.named(shape)
            .orElseThrow(
                () ->
                    InvalidInputException.of(key("schedule"), shape, "linear, cosine or constant")),
        root.getInt(key("warm-up")),
        AdamSettings.from(root, key("adam")),
        root.getDouble(key("gamma")),
        root.getDouble(key("lambda")),
        root.getDouble(key("clip-ratio")),
        root.getDouble(key("clip-value")),
        root.getDouble(key("value-coefficient")),
        root.getBoolean(key("whiten-rewards")),
        new Kl(
            root.getBoolean(key("kl.adaptive")),
            root.getDouble(key("kl.beta")),
            root.getDouble(key("kl.target")),
            root.getDouble(key("kl.horizon"))),
        new Tripwires.Limits(
            root.getDouble(key("tripwires.min-kl")),
            root.getDouble(key("tripwires.max-kl")),
            root.getDouble(key("tripwires.entropy-share")),
            root.getInt(key("tripwires.entropy-updates")),
            root.getInt(key("tripwires.window")),
            root.getDouble(key("tripwires.min-win-rate"))),
        AlgorithmSettings.from(root.getConfig(PATH)));
  }

  /** The rule that makes the targets of a minibatch. */
  Objective objective() {
    return switch (algorithm.kind()) {
      case PPO ->
          new Objective.Ppo(
              gamma, lambda, whitenRewards, algorithm.whiteningParts(), algorithm.correction());
      case RLOO -> new Objective.Rloo(algorithm.correction());
      case GRPO -> new Objective.Grpo(algorithm.correction());
      case ONLINE_DPO -> new Objective.OnlineDpo(algorithm.softLabels());
    };
  }

  /** Allowed and yet doubtful settings, one line each, for the log. */
  public List<String> warnings() {
    return whitensFew(algorithm, batch / minibatches)
        ? List.of(
            "%s: %d sequences are whitened together; below %d the scale is noise"
                .formatted(
                    key("batch"),
                    batch / minibatches / algorithm.whiteningParts(),
                    AlgorithmSettings.FEWEST_WHITENED))
        : List.of();
  }

  private static boolean whitensFew(AlgorithmSettings algorithm, int minibatch) {
    return algorithm.kind() == AlgorithmSettings.Algorithm.PPO
        && minibatch / algorithm.whiteningParts() < AlgorithmSettings.FEWEST_WHITENED;
  }

  /** How many trajectories the whole run learns from. */
  public long episodes() {
    return (long) batch * updates;
  }

  /** The learning rate by update. */
  public Schedule schedule() {
    return new Schedule(shape, learningRate, warmUp, updates);
  }

  /** The controller at the start of a run. */
  public KlController klController() {
    return kl.adaptive()
        ? new KlController.Adaptive(kl.beta(), kl.target(), kl.horizon())
        : new KlController.Fixed(kl.beta());
  }

  static void require(boolean met, String name, Object value, String expected) {
    if (!met) {
      throw InvalidInputException.of(key(name), value, expected);
    }
  }

  private static String key(String name) {
    return PATH + "." + name;
  }
}
