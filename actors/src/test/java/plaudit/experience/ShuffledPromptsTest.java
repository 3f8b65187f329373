package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plaudit.experience.Examples.queries;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import plaudit.tokens.Tokens;

class ShuffledPromptsTest {

  @Property
  void anEpochDealsEveryQueryOnce(
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll long seed,
      @ForAll @LongRange(min = 0, max = 1_000_000) long epoch) {
    ShuffledPrompts stream = new ShuffledPrompts(queries(size), seed);
    Set<Tokens> dealt = new HashSet<>();
    for (long p = epoch * size; p < (epoch + 1) * size; p++) {
      dealt.add(stream.at(p).query());
    }
    assertThat(dealt).hasSize(size);
  }

  @Property
  void anyPositionCanBeDealtAgainByAnotherStream(
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long position, @ForAll long seed) {
    ShuffledPrompts stream = new ShuffledPrompts(queries(13), seed);
    Prompt first = stream.at(position);
    stream.at(0);
    assertThat(first.id()).isEqualTo(position);
    assertThat(stream.at(position)).isEqualTo(first);
    assertThat(new ShuffledPrompts(queries(13), seed).at(position)).isEqualTo(first);
  }

  /** A resumed run relies on this order: it must not change with a release. */
  @Test
  void theOrderOfASeedIsForEver() {
    ShuffledPrompts stream = new ShuffledPrompts(queries(8), 42);
    assertThat(order(stream, 16)).containsExactly(1, 3, 7, 4, 6, 0, 2, 5, 3, 7, 0, 5, 2, 6, 1, 4);
  }

  @Test
  void epochsDiffer() {
    List<Integer> two = order(new ShuffledPrompts(queries(50), 1), 100);
    assertThat(two.subList(0, 50)).isNotEqualTo(two.subList(50, 100));
  }

  @Test
  void questionsHaveOtherIdsAndAnotherOrder() {
    ShuffledPrompts questions = ShuffledPrompts.forQuestions(queries(50), 1);
    assertThat(questions.at(3).id()).isEqualTo(ShuffledPrompts.FIRST_QUESTION + 3);
    assertThat(order(questions, 50)).isNotEqualTo(order(new ShuffledPrompts(queries(50), 1), 50));
  }

  @Test
  void aDeckThatSkipsGoesOnWhereTheOtherWouldBe() {
    ShuffledPrompts questions = ShuffledPrompts.forQuestions(queries(50), 1);
    assertThat(questions.skip(70).skip(7).at(1)).isEqualTo(questions.at(78));
  }

  /** What the release does by shards: worker k takes every n-th position of the one order. */
  @Property
  void workersThatTakeTurnsDealAnEpochBetweenThem(
      @ForAll @IntRange(min = 1, max = 40) int size,
      @ForAll @IntRange(min = 1, max = 8) int workers,
      @ForAll long seed) {
    List<Tokens> dealt = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      ShuffledPrompts own = new ShuffledPrompts(queries(size), seed);
      for (long p = worker; p < size; p += workers) {
        dealt.add(own.at(p).query());
      }
    }
    assertThat(dealt).containsExactlyInAnyOrderElementsOf(queries(size));
  }

  @Test
  void aDeckNeedsQueriesAndPositions() {
    assertThatThrownBy(() -> new ShuffledPrompts(List.of(), 1))
        .hasMessage("queries: none (expected: at least one)");
    assertThatThrownBy(() -> new ShuffledPrompts(queries(1), 1).at(-1))
        .hasMessage("prompt position: -1 (expected: 0 to 1099511627775)");
  }

  private static List<Integer> order(ShuffledPrompts stream, int count) {
    return LongStream.range(0, count).mapToObj(p -> stream.at(p).query().get(0)).toList();
  }
}
