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
import plaudit.policy.ComputeShape;

class ShardedStepTest {

  private static final ComputeShape MANNER = new ComputeShape(4, 2);

  /** Answers in any order, twice, after a loss; losses twice, after an answer, or never. */
  @Property(tries = 500)
  void everyRowIsComputedOnceWhateverFails(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(max = 6) int helpers,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<String> names = IntStream.range(0, helpers).mapToObj(i -> "h" + i).toList();
    List<Shard> shards = new Shares().divide(rows, names);
    ShardedStep round = new ShardedStep(shards);
    int[] computed = new int[rows];
    add(computed, round.own());
    for (int event = 0; event < 3 * helpers; event++) {
      int number = random.nextInt(shards.size() + 1);
      if (random.nextBoolean()) {
        if (round.brought(number, MANNER)) {
          add(computed, shards.get(number));
        }
      } else {
        round.lost(number);
      }
    }
    round.open().keySet().forEach(round::lost);
    round.left().forEach(shard -> add(computed, shard));
    assertThat(computed).containsOnly(1);
    assertThat(round.left()).isSortedAccordingTo(Comparator.comparingInt(Shard::from));
    assertThat(round.division().rows()).isEqualTo(rows);
  }

  @Test
  void theDivisionTellsWhoBroughtWhat() {
    ShardedStep round = new ShardedStep(new Shares().divide(7, List.of("a", "b", "c")));
    round.lost(2);
    assertThat(round.brought(3, MANNER)).isTrue();
    assertThat(round.brought(2, MANNER)).isFalse();
    round.lost(1);
    assertThat(round.left()).extracting(Shard::who).containsExactly("a", "b");
    assertThat(round.division().portions())
        .containsExactly(
            new Portion(2, Optional.empty()),
            new Portion(2, Optional.empty()),
            new Portion(2, Optional.empty()),
            new Portion(1, Optional.of(MANNER)));
  }

  @Test
  void whatIsLeftIsKnownOnceNothingIsOpen() {
    ShardedStep round = new ShardedStep(new Shares().divide(4, List.of("a")));
    assertThatThrownBy(round::left).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(round::division).isInstanceOf(IllegalStateException.class);
    assertThat(round.brought(1, MANNER)).isTrue();
    assertThat(round.left()).isEmpty();
    assertThat(round.numbers()).containsExactly(1);
  }

  private static void add(int[] computed, Shard shard) {
    for (int row = shard.from(); row < shard.to(); row++) {
      computed[row]++;
    }
  }
}
