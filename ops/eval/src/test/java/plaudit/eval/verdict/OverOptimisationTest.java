package plaudit.eval.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import plaudit.eval.verdict.OverOptimisation.Step;

class OverOptimisationTest {

  @Test
  void aPreferenceThatFallsWhileTheRewardRisesIsSaid() {
    assertThat(OverOptimisation.words(run(50, i -> i, i -> i < 25 ? i : 50 - i)))
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .startsWith(
                        "Over-optimised: the hidden preference was highest in updates 20 to 29")
                    .contains("5.500 in the last fifth")
                    .contains("from 24.50 to 44.50"));
  }

  @Test
  void oneThatStillRisesOrFallsWithTheRewardOrWithinItsErrorIsNot() {
    assertThat(OverOptimisation.words(run(50, i -> i, i -> i))).isEmpty();
    assertThat(OverOptimisation.words(run(50, i -> 50 - i, i -> 50 - i))).isEmpty();
    assertThat(OverOptimisation.words(run(50, i -> i, i -> (i % 2) * 10 - i / 50d))).isEmpty();
  }

  @Test
  void aShortRunSaysNothing() {
    assertThat(OverOptimisation.words(run(19, i -> i, i -> -i))).isEmpty();
  }

  private static List<Step> run(
      int updates, IntToDoubleFunction reward, IntToDoubleFunction judge) {
    return IntStream.range(0, updates)
        .mapToObj(i -> new Step(i, reward.applyAsDouble(i), judge.applyAsDouble(i)))
        .toList();
  }
}
