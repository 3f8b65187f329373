package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RandomnessTest {

  @Property
  void numbersLieBetweenZeroAndOneAndCanBeHadAgain(
      @ForAll long seed,
      @ForAll long prompt,
      @ForAll long version,
      @ForAll @IntRange(max = 1000) int index,
      @ForAll @IntRange(max = 1000) int position) {
    float uniform = Randomness.uniform(seed, prompt, version, index, position);
    assertThat(uniform).isGreaterThanOrEqualTo(0).isLessThan(1);
    assertThat(Randomness.uniform(seed, prompt, version, index, position)).isEqualTo(uniform);
  }

  @Test
  void everyInputMatters() {
    Set<Float> seen = new HashSet<>();
    for (int i = 1; i <= 100; i++) {
      seen.add(Randomness.uniform(i, 0, 0, 0, 0));
      seen.add(Randomness.uniform(0, i, 0, 0, 0));
      seen.add(Randomness.uniform(0, 0, i, 0, 0));
      seen.add(Randomness.uniform(0, 0, 0, i, 0));
      seen.add(Randomness.uniform(0, 0, 0, 0, i));
    }
    assertThat(seen).hasSize(500);
  }

  /** 20,000 draws: the mean's deviation is 0.002, that of a neighbour's correlation 0.007. */
  @Test
  void numbersAreEvenAndNeighboursAreStrangers() {
    int n = 20_000;
    double[] draws =
        IntStream.range(0, n)
            .mapToDouble(i -> Randomness.uniform(42, i / 24, 3, 0, i % 24))
            .toArray();
    double mean = IntStream.range(0, n).mapToDouble(i -> draws[i]).average().orElseThrow();
    double variance =
        IntStream.range(0, n).mapToDouble(i -> Math.pow(draws[i] - .5, 2)).average().orElseThrow();
    double together =
        IntStream.range(1, n)
            .mapToDouble(i -> (draws[i] - .5) * (draws[i - 1] - .5))
            .average()
            .orElseThrow();
    assertThat(mean).isCloseTo(.5, within(.01));
    assertThat(variance).isCloseTo(1 / 12.0, within(.002));
    assertThat(together * 12).isCloseTo(0, within(.035));
  }
}
