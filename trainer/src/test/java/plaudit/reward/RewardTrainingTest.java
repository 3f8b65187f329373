package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RewardTrainingTest {

  @Property
  void anEpochHasEachRowExactlyOnceAndStepsOfOneKind(
      @ForAll @Size(max = 60) List<@IntRange(min = 2, max = 5) Integer> responses,
      @ForAll @IntRange(min = 1, max = 9) int batch,
      @ForAll long seed) {
    List<RewardExample> rows = responses.stream().map(n -> best(n, 0)).toList();

    List<List<RewardExample>> steps = RewardTraining.batches(rows, batch, new Random(seed));

    Set<RewardExample> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (List<RewardExample> step : steps) {
      assertThat(step.size()).isBetween(1, batch);
      assertThat(step).extracting(RewardExample::responses).containsOnly(step.get(0).responses());
      step.forEach(row -> assertThat(seen.add(row)).isTrue());
    }
    assertThat(seen).hasSize(rows.size());
  }

  @Test
  void rowsThatDivideByTheBatchMakeFullSteps() {
    List<RewardExample> rows = rows(4_992 / 16);

    assertThat(RewardTraining.batches(rows, 2, new Random(1)))
        .allSatisfy(s -> assertThat(s).hasSize(2));
  }

  @Test
  void eachEpochHasAPermutationOfItsOwn() {
    List<RewardExample> rows = rows(50);
    Random random = new Random(5);

    List<RewardExample> first = flat(RewardTraining.batches(rows, 8, random));
    List<RewardExample> second = flat(RewardTraining.batches(rows, 8, random));

    assertThat(first).isNotEqualTo(second);
    assertThat(flat(RewardTraining.batches(rows, 8, new Random(5)))).isEqualTo(first);
  }

  private static List<RewardExample> flat(List<List<RewardExample>> steps) {
    return steps.stream().flatMap(List::stream).toList();
  }

  private static List<RewardExample> rows(int count) {
    List<RewardExample> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          new RewardExample(
              List.of(plaudit.tokens.Tokens.of(i), plaudit.tokens.Tokens.of(i + 1)),
              Target.Best.only(0)));
    }
    return rows;
  }

  private static RewardExample best(int responses, int index) {
    List<plaudit.tokens.Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < responses; i++) {
      sequences.add(plaudit.tokens.Tokens.of(1, i));
    }
    return new RewardExample(sequences, Target.Best.only(index));
  }
}
