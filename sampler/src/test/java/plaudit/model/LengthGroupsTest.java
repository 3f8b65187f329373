package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class LengthGroupsTest {

  @Property(tries = 200)
  void everyRowIsInOneGroupWithinTheBounds(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 300) Integer> before,
      @ForAll @IntRange(max = 50) int after,
      @ForAll @IntRange(min = 1, max = 20) int mostRows,
      @ForAll @IntRange(min = 1, max = 2000) int mostTokens) {
    int[] left = before.stream().mapToInt(Integer::intValue).toArray();
    int[] right = new int[left.length];
    Arrays.fill(right, after);
    List<List<Integer>> groups = LengthGroups.of(left, right, mostRows, mostTokens);
    assertThat(groups.stream().flatMap(List::stream).sorted().toList())
        .isEqualTo(IntStream.range(0, left.length).boxed().toList());
    for (List<Integer> group : groups) {
      int longest = group.stream().mapToInt(row -> left[row]).max().orElseThrow();
      assertThat(group.size()).isLessThanOrEqualTo(mostRows);
      if (group.size() > 1) {
        assertThat(group.size() * (longest + after)).isLessThanOrEqualTo(mostTokens);
      }
    }
  }

  @Example
  void rowsOfOneLengthStayTogetherAndFewShortOnesToo() {
    assertThat(groups(7, 7, 7)).containsExactly(List.of(0, 1, 2));
    assertThat(groups(3, 9, 1)).containsExactly(List.of(2, 0, 1));
  }

  @Example
  void rowsThatWouldBeMostlyPaddingAreReadApart() {
    assertThat(groups(300, 10, 290, 12)).containsExactly(List.of(1, 3), List.of(2, 0));
  }

  private static List<List<Integer>> groups(int... lengths) {
    return LengthGroups.of(lengths, new int[lengths.length], 100, Integer.MAX_VALUE);
  }
}
