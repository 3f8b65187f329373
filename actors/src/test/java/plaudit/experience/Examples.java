package plaudit.experience;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.Tokens;

/** Small valid records for tests. */
public final class Examples {

  private Examples() {}

  /** Queries {@code [0], [1], ...}. */
  public static List<Tokens> queries(int count) {
    return IntStream.range(0, count).mapToObj(Tokens::of).toList();
  }

  /** One answer of two tokens. */
  public static Trajectory trajectory(long promptId, long policyVersion) {
    return trajectory(promptId, policyVersion, policyVersion);
  }

  /** One answer of two tokens: a version may have taken over before the second. */
  public static Trajectory trajectory(long promptId, long oldest, long newest) {
    return new Trajectory(
        new Rollout(
            promptId,
            0,
            Tokens.of(7, 8, 9),
            Tokens.of(1, 0),
            PerToken.of(-0.5f, -1.25f),
            PerToken.of(0.25f, 0f),
            TokenVersions.ofEach(oldest, newest)),
        PerToken.of(-0.75f, -1f),
        1.5f,
        true,
        3);
  }

  /** {@code group} answers to each prompt. */
  public static List<Trajectory> answers(List<Prompt> prompts, long policyVersion, int group) {
    return answers(prompts, policyVersion, policyVersion, group);
  }

  /** {@code group} answers to each prompt, of two tokens by one version each. */
  public static List<Trajectory> answers(
      List<Prompt> prompts, long oldest, long newest, int group) {
    return prompts.stream()
        .flatMap(
            p ->
                IntStream.range(0, group)
                    .mapToObj(index -> answer(trajectory(p.id(), oldest, newest), index)))
        .toList();
  }

  private static Trajectory answer(Trajectory first, int index) {
    return new Trajectory(
        first.rollout().withIndex(index),
        first.refLogprobs(),
        first.score(),
        first.valid(),
        first.rewardVersion());
  }

  /** An answer to each prompt. */
  public static List<Trajectory> answers(List<Prompt> prompts, long policyVersion) {
    return prompts.stream().map(p -> trajectory(p.id(), policyVersion)).toList();
  }

  /** Batches of 4, grants of 2, questions 2 at a time, leases of a minute, no episode limit. */
  public static ExperienceSettings settings(int eta, int maxStaleness) {
    return new ExperienceSettings(
        4, eta, maxStaleness, 2, 2, 4, Duration.ofMinutes(1), 0, Start.FRESH);
  }
}
