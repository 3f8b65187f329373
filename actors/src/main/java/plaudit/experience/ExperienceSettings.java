package plaudit.experience;

import com.typesafe.config.Config;
import java.time.Duration;
import plaudit.input.InvalidInputException;

/**
 * The buffer's settings; {@code plaudit.experience} in the configuration gives the reasons.
 *
 * @param batchSize trajectories in one policy update
 * @param eta versions the samplers may work ahead of the learner on average; 0 is synchronous
 * @param maxStaleness K: hard bound in versions for each trajectory served, {@code >= eta}
 * @param grantPrompts prompts in one grant of policy work
 * @param questionPrompts prompts in one grant of questions
 * @param questionResponses responses sampled for each question
 * @param leaseTime how long a sampler may keep a grant
 * @param episodes trajectories in the whole run, 0 is no limit
 * @param start where the buffer begins to count
 * @param group responses to each prompt of policy work, all of them in one batch
 * @param onStale how K is held
 */
public record ExperienceSettings(
    int batchSize,
    int eta,
    int maxStaleness,
    int grantPrompts,
    int questionPrompts,
    int questionResponses,
    Duration leaseTime,
    long episodes,
    Start start,
    int group,
    OnStale onStale) {

  /** One response to each prompt, and stale ones are dropped. */
  public ExperienceSettings(
      int batchSize,
      int eta,
      int maxStaleness,
      int grantPrompts,
      int questionPrompts,
      int questionResponses,
      Duration leaseTime,
      long episodes,
      Start start) {
    this(
        batchSize,
        eta,
        maxStaleness,
        grantPrompts,
        questionPrompts,
        questionResponses,
        leaseTime,
        episodes,
        start,
        1,
        OnStale.DROP);
  }

  public ExperienceSettings {
    atLeast("batch-size", batchSize, 1);
    atLeast("eta", eta, 0);
    atLeast("max-staleness", maxStaleness, eta);
    atLeast("grant-prompts", grantPrompts, 1);
    atLeast("question-prompts", questionPrompts, 1);
    atLeast("question-responses", questionResponses, 2);
    atLeast("episodes", episodes, 0);
    if (group < 1 || batchSize % group != 0) {
      throw InvalidInputException.of(
          "plaudit.experience.group", group, "a divisor of the batch-size of " + batchSize);
    }
    if (leaseTime.isNegative() || leaseTime.isZero()) {
      throw InvalidInputException.of("plaudit.experience.lease-time", leaseTime, "> 0");
    }
  }

  /**
   * Reads {@code plaudit.experience}, for a new run.
   *
   * @param config the whole configuration
   */
  public static ExperienceSettings from(Config config) {
    Config own = config.getConfig("plaudit.experience");
    int responses = own.getInt("question-responses");
    atLeast("question-limit", own.getInt("question-limit"), responses);
    return new ExperienceSettings(
        own.getInt("batch-size"),
        own.getInt("eta"),
        own.getInt("max-staleness"),
        own.getInt("grant-prompts"),
        own.getInt("question-prompts"),
        responses,
        own.getDuration("lease-time"),
        own.getLong("episodes"),
        Start.FRESH,
        own.getInt("group"),
        OnStale.of(own.getString("on-stale")));
  }

  /** Responses to one prompt of a question at most, {@code plaudit.experience.question-limit}. */
  public static int questionLimit(Config config) {
    int limit = config.getInt("plaudit.experience.question-limit");
    atLeast("question-limit", limit, config.getInt("plaudit.experience.question-responses"));
    return limit;
  }

  /**
   * The least share of responses for questions that people may be shown, {@code
   * plaudit.experience.least-yield}.
   */
  public static double leastYield(Config config) {
    double least = config.getDouble("plaudit.experience.least-yield");
    if (!(least >= 0 && least < 1)) {
      throw InvalidInputException.of("plaudit.experience.least-yield", least, "0 to 1");
    }
    return least;
  }

  /** The same for a run that resumes at {@code where}. */
  public ExperienceSettings startingAt(Start where) {
    return new ExperienceSettings(
        batchSize,
        eta,
        maxStaleness,
        grantPrompts,
        questionPrompts,
        questionResponses,
        leaseTime,
        episodes,
        where,
        group,
        onStale);
  }

  /** The same with another way to hold the bound. */
  public ExperienceSettings holdingBy(OnStale way) {
    return new ExperienceSettings(
        batchSize,
        eta,
        maxStaleness,
        grantPrompts,
        questionPrompts,
        questionResponses,
        leaseTime,
        episodes,
        start,
        group,
        way);
  }

  private static void atLeast(String key, long value, long least) {
    if (value < least) {
      throw InvalidInputException.of("plaudit.experience." + key, value, ">= " + least);
    }
  }
}
