package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DrawingTest {

  @Property
  void asManyAsAskedForInTheirOrderAndNoneTwice(
      @ForAll @IntRange(max = 300) int size,
      @ForAll @IntRange(max = 40) int limit,
      @ForAll long seed) {
    List<Integer> drawn = Drawing.of(numbers(size), limit, seed);

    assertThat(drawn).hasSize(Math.min(size, limit)).doesNotHaveDuplicates().isSorted();
    assertThat(Drawing.of(numbers(size), limit, seed)).isEqualTo(drawn);
  }

  @Test
  void eachIsAsLikelyAsAnother() {
    int[] times = new int[20];
    for (int seed = 0; seed < 4000; seed++) {
      Drawing.of(numbers(20), 5, seed).forEach(i -> times[i]++);
    }

    assertThat(Arrays.stream(times).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(880, 1120)); // 4 sigma
  }

  @Test
  void whatWasDrawnFromIsClosed() {
    AtomicBoolean closed = new AtomicBoolean();

    Drawing.of(numbers(3).onClose(() -> closed.set(true)), 2, 0);

    assertThat(closed).isTrue();
  }

  private static Stream<Integer> numbers(int size) {
    return IntStream.range(0, size).boxed();
  }
}
