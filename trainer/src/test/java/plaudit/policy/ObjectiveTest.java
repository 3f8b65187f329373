package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.PreferenceTargets;
import plaudit.policy.Objective.Grpo;
import plaudit.policy.Objective.OnlineDpo;
import plaudit.policy.Objective.Ppo;
import plaudit.policy.Objective.Rloo;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

class ObjectiveTest {

  /** Paper 3.7: the golden batch, given as scores and divergences at a price of 1. */
  @Test
  void ppoGivesTheGoldenAdvantagesAndReturns() {
    List<List<Trajectory>> batch =
        List.of(
            List.of(golden(new float[] {.1f, -.2f, 0, 1}, new float[] {.5f, .4f, .3f, .2f})),
            List.of(golden(new float[] {0, .3f, -.1f, -1}, new float[] {0, -.1f, .2f, .1f})));

    AdvantageTargets plain = (AdvantageTargets) new Ppo(1, .95, false).targets(batch, 1);
    rows(
        plain.advantages(),
        new float[] {.65924f, .68097f, 1.12346f, 1.30949f},
        new float[] {-.62208f, -.52792f, -1.40792f, -1.21524f});
    rows(
        plain.returns().orElseThrow(),
        new float[] {.81065f, .727f, .96f, 1},
        new float[] {-.6536125f, -.68275f, -1.045f, -1});

    AdvantageTargets whitened = (AdvantageTargets) new Ppo(1, .95, true).targets(batch, 1);
    rows(
        whitened.advantages(),
        Whitening.whiten(
            new float[][] {
              {.980844f, .946853f, 1.520398f, 1.717913f},
              {-1.312649f, -1.264242f, -2.243666f, -2.041151f}
            }));
  }

  @Test
  void rlooSubtractsTheMeanOfTheOthers() {
    assertThat(Rloo.advantages(new double[] {1, 2, 6}))
        .containsExactly(new double[] {-3, -1.5, 4.5}, within(1e-12));
  }

  @Test
  void grpoDividesByTheGroupsDeviation() {
    assertThat(Grpo.advantages(new double[] {1, 2, 3}))
        .containsExactly(new double[] {-1, 0, 1}, within(1e-3));
    assertThat(Grpo.advantages(new double[] {4, 4})).containsExactly(0, 0);
  }

  @Property
  void groupAdvantagesSumToZero(
      @ForAll @Size(min = 2, max = 8) List<@DoubleRange(min = -9, max = 9) Double> group) {
    double[] rewards = group.stream().mapToDouble(x -> x).toArray();
    double rloo = 0;
    for (double advantage : Rloo.advantages(rewards)) {
      rloo += advantage;
    }
    double grpo = 0;
    for (double advantage : Grpo.advantages(rewards)) {
      grpo += advantage;
    }
    assertThat(rloo).isCloseTo(0, within(1e-9));
    assertThat(grpo).isCloseTo(0, within(1e-6));
  }

  @Test
  void divergenceIsPaidBeforeResponsesAreCompared() {
    List<Trajectory> group = List.of(response(1, 2, -1, -3), response(1, 2, -2, -2));
    AdvantageTargets credit =
        (AdvantageTargets) new Rloo(Correction.NONE).targets(List.of(group), .5);
    assertThat(credit.returns()).isEmpty();
    rows(credit.advantages(), new float[] {-1}, new float[] {1});
  }

  @Test
  void dpoSetsTheBestOfAGroupAgainstItsWorst() {
    List<Trajectory> group =
        List.of(response(1, 2, 0, 0), response(1, 5, 0, 0), response(1, 4, 0, 0));
    List<Trajectory> equal = List.of(response(2, 1, 0, 0), response(2, 1, 0, 0));
    PreferenceTargets hard =
        (PreferenceTargets) new OnlineDpo(false).targets(List.of(group, equal), .1);
    assertThat(hard.pairs()).containsExactly(new Pair(group.get(1), group.get(0), 1));
    PreferenceTargets soft =
        (PreferenceTargets) new OnlineDpo(true).targets(List.of(group, equal), .1);
    assertThat(soft.pairs().get(0).target()).isCloseTo(1 / (1 + Math.exp(-3)), within(1e-9));
  }

  @Test
  void aBatchComesApartIntoItsGroups() {
    Trajectory a = response(7, 1, 0, 0);
    Trajectory b = response(8, 2, 0, 0);
    Trajectory c = response(7, 3, 0, 0);
    Trajectory d = response(8, 4, 0, 0);
    assertThat(Objective.groups(List.of(a, b, c, d), 2))
        .containsExactly(List.of(a, c), List.of(b, d));
    assertThat(Objective.groups(List.of(a, c), 1)).containsExactly(List.of(a), List.of(c));
    assertThatThrownBy(() -> Objective.groups(List.of(a, b, c), 2))
        .hasMessage("responses to prompt 8: 1 (expected: 2)");
  }

  @Property
  void theWatchedEstimateOfDivergenceIsNeverNegative(
      @ForAll @DoubleRange(min = -9, max = 0) double logprob,
      @ForAll @DoubleRange(min = -9, max = 0) double reference) {
    Trajectory trajectory = response(1, 0, (float) logprob, (float) reference);
    assertThat(UpdateReport.k3(trajectory)).isGreaterThanOrEqualTo(0);
    double d = (float) reference - (double) (float) logprob;
    assertThat(UpdateReport.k3(trajectory)).isCloseTo(Math.exp(d) - 1 - d, within(1e-6));
    assertThat(trajectory.kl()).isCloseTo(-d, within(1e-6));
  }

  /** Log-probabilities of 0, so that the reference's are the rewards but for the last. */
  private static Trajectory golden(float[] rewards, float[] values) {
    float[] reference = rewards.clone();
    reference[3] = 0;
    Rollout rollout =
        new Rollout(
            1,
            0,
            Tokens.of(1),
            Tokens.of(1, 2, 3, 4),
            PerToken.of(0, 0, 0, 0),
            PerToken.of(values),
            0);
    return new Trajectory(rollout, PerToken.of(reference), rewards[3], true, 0);
  }

  private static Trajectory response(long prompt, float score, float logprob, float reference) {
    Rollout rollout =
        new Rollout(prompt, 0, Tokens.of(1), Tokens.of(2), PerToken.of(logprob), PerToken.of(0), 0);
    return new Trajectory(rollout, PerToken.of(reference), score, true, 0);
  }

  private static void rows(float[][] actual, float[]... expected) {
    List<float[]> all = new ArrayList<>(List.of(expected));
    assertThat(actual.length).isEqualTo(all.size());
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).containsExactly(all.get(i), within(1e-5f));
    }
  }
}
