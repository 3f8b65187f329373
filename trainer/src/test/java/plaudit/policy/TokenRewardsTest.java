package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

class TokenRewardsTest {

  @Test
  void eachTokenPaysForItsDivergenceAndTheLastEarnsTheScore() {
    Trajectory trajectory = trajectory(2, new float[] {-1, -2, -3}, new float[] {-1.5f, -2, -2});

    float[] expected = {-.05f, 0, 2.1f};

    assertThat(TokenRewards.of(trajectory, .1)).containsExactly(expected, within(1e-6f));
    assertThat(TokenRewards.of(List.of(trajectory, trajectory), .1)[1])
        .containsExactly(expected, within(1e-6f));
  }

  @Test
  void anInvalidResponseEarnsItsPenaltyOnTheSameToken() {
    Trajectory trajectory = trajectory(-1, new float[] {-1, -1}, new float[] {-1, -1});

    assertThat(TokenRewards.of(trajectory, .15)).containsExactly(new float[] {0, -1});
  }

  @Property
  void moreDivergenceEarnsLessAndMoreScoreEarnsMore(
      @ForAll @FloatRange(min = -3, max = 3) float score,
      @ForAll @FloatRange(min = -9, max = -2) float logprob,
      @ForAll @FloatRange(min = .1f, max = 2) float step) {
    float[] reference = {-5, -5};

    double here = sum(trajectory(score, new float[] {logprob, -5}, reference));
    double further = sum(trajectory(score, new float[] {logprob + step, -5}, reference));
    double better = sum(trajectory(score + step, new float[] {logprob, -5}, reference));

    assertThat(further).isLessThan(here);
    assertThat(better).isGreaterThan(here);
  }

  private static double sum(Trajectory trajectory) {
    return PerToken.of(TokenRewards.of(trajectory, .15)).sum();
  }

  private static Trajectory trajectory(float score, float[] logprobs, float[] reference) {
    int length = logprobs.length;
    Rollout rollout =
        new Rollout(
            0,
            0,
            Tokens.of(1),
            Tokens.of(new int[length]),
            PerToken.of(logprobs),
            PerToken.of(new float[length]),
            1);
    return new Trajectory(rollout, PerToken.of(reference), score, true, 1);
  }
}
