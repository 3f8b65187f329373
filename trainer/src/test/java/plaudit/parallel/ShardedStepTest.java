package plaudit.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.parallel.ShardedStep.Shard;
import plaudit.policy.ComputeShape;

class ShardedStepTest {

  private static final ComputeShape SHAPE = new ComputeShape(4, 2);

  /** Answers in any order, twice, after a loss; losses twice, after an answer, or never. */
  @Property(tries = 500)
  void everyRowIsComputedOnceWhateverFails(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(max = 6) int helpers,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<String> names = IntStream.range(0, helpers).mapToObj(i -> "h" + i).toList();
    List<Shard> shards = new Shares().divide(rows, names);
    ShardedStep step = new ShardedStep(shards);
    int[] computed = new int[rows];
    add(computed, step.own());
    for (int event = 0; event < 3 * helpers; event++) {
      int number = random.nextInt(shards.size() + 1);
      if (random.nextBoolean()) {
        if (step.deliver(number, SHAPE)) {
          add(computed, shards.get(number));
        }
      } else {
        step.lose(number);
      }
    }
    step.open().keySet().forEach(step::lose);
    step.lost().forEach(shard -> add(computed, shard));
    assertThat(computed).containsOnly(1);
    assertThat(step.lost()).isSortedAccordingTo(Comparator.comparingInt(Shard::from));
    assertThat(step.plan().rows()).isEqualTo(rows);
  }

  @Test
  void thePlanTellsWhichRowsWereComputedHow() {
    ShardedStep step = new ShardedStep(new Shares().divide(7, List.of("a", "b", "c")));
    step.lose(2);
    assertThat(step.deliver(3, SHAPE)).isTrue();
    assertThat(step.deliver(2, SHAPE)).isFalse();
    step.lose(1);
    assertThat(step.lost()).extracting(Shard::worker).containsExactly("a", "b");
    assertThat(step.plan().portions())
        .containsExactly(
            new Portion(2, Optional.empty()),
            new Portion(2, Optional.empty()),
            new Portion(2, Optional.empty()),
            new Portion(1, Optional.of(SHAPE)));
  }

  @Test
  void whatIsLeftIsKnownOnceNothingIsOpen() {
    ShardedStep step = new ShardedStep(new Shares().divide(4, List.of("a")));
    assertThatThrownBy(step::lost).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(step::plan).isInstanceOf(IllegalStateException.class);
    assertThat(step.deliver(1, SHAPE)).isTrue();
    assertThat(step.lost()).isEmpty();
    assertThat(step.numbers()).containsExactly(1);
  }

  private static void add(int[] computed, Shard shard) {
    for (int row = shard.from(); row < shard.to(); row++) {
      computed[row]++;
    }
  }
}
