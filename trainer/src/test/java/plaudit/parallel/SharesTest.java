package plaudit.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.parallel.ShardedStep.Shard;

class SharesTest {

  private final Shares shares = new Shares();

  @Property(tries = 300)
  void everyRowIsInOneShardWhateverTheSpeedsAre(
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(max = 9) int helpers,
      @ForAll long seed) {
    Random random = new Random(seed);
    Shares any = new Shares();
    List<String> names = IntStream.range(0, helpers).mapToObj(i -> "h" + i).toList();
    for (int step = 0; step < 5; step++) {
      List<Shard> shards = any.divide(rows, names);
      int next = 0;
      for (Shard shard : shards) {
        assertThat(shard.from()).isEqualTo(next);
        next = shard.to();
      }
      assertThat(next).isEqualTo(rows);
      assertThat(shards.get(0).worker()).isEqualTo(Shares.OWN);
      assertThat(shards).extracting(Shard::worker).doesNotHaveDuplicates();
      for (Shard shard : shards) {
        if (!shard.worker().equals(Shares.OWN) && random.nextInt(4) == 0) {
          any.failed(shard.worker());
        } else {
          any.measured(shard.worker(), shard.rows(), Math.pow(10, 8 * random.nextDouble() - 4));
        }
      }
    }
  }

  @Test
  void withoutMeasurementsAllHaveTheSame() {
    assertThat(rows(30, "a", "b")).containsExactly(10, 10, 10);
    assertThat(rows(31, "a", "b")).containsExactly(11, 10, 10);
    assertThat(rows(2, "a", "b")).containsExactly(1, 1);
    assertThat(rows(1, "a", "b")).containsExactly(1);
    assertThat(shares.divide(0, List.of("a"))).isEmpty();
  }

  @Test
  void sharesGoBySpeedUntilAllAreReadyAtTheSameTime() {
    double[] secondsARow = {1, 0.5, 4};
    List<Integer> rows = List.of();
    for (int step = 0; step < 20; step++) {
      List<Shard> shards = shares.divide(130, List.of("a", "b"));
      rows = shards.stream().map(Shard::rows).toList();
      for (int i = 0; i < 3; i++) {
        // Half a second for transfers, however many rows.
        double transfer = i == 0 ? 0 : 0.5;
        shares.measured(
            shards.get(i).worker(), rows.get(i), transfer + secondsARow[i] * rows.get(i));
      }
    }
    double own = rows.get(0);
    assertThat(0.5 + 0.5 * rows.get(1)).isBetween(0.97 * own, 1.03 * own);
    assertThat(0.5 + 4.0 * rows.get(2)).isBetween(0.9 * own, 1.1 * own);
  }

  @Test
  void aNewHelperCountsAsFastAsTheOthersOnAverage() {
    shares.measured(Shares.OWN, 10, 1);
    shares.measured("a", 30, 1);
    assertThat(rows(60, "a", "b")).containsExactly(10, 30, 20);
  }

  @Test
  void whoFailsIsLeftOutForTwiceAsLongEachTime() {
    assertThat(stepsWithout("a")).isZero();
    shares.failed("a");
    assertThat(stepsWithout("a")).isEqualTo(2);
    shares.failed("a");
    assertThat(stepsWithout("a")).isEqualTo(4);
    shares.measured("a", 1, 1);
    shares.failed("a");
    assertThat(stepsWithout("a")).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      shares.failed("a");
    }
    assertThat(stepsWithout("a")).isEqualTo(64);
  }

  private int stepsWithout(String helper) {
    int steps = 0;
    while (shares.divide(8, List.of(helper)).size() == 1) {
      steps++;
    }
    return steps;
  }

  private List<Integer> rows(int rows, String... helpers) {
    return new ArrayList<>(
        shares.divide(rows, List.of(helpers)).stream().map(Shard::rows).toList());
  }
}
