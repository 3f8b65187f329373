package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GroupSplitTest {

  @Test
  void wholeGroupsAreHeldOutUntilTheShareIsThere() {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    for (int i = 0; i < 50; i++) {
      sizes.put("topic " + i, 1 + i % 7);
    }
    int rows = sizes.values().stream().mapToInt(n -> n).sum();

    Set<String> heldOut = new GroupSplit(1).heldOut(sizes, .2);

    int out = heldOut.stream().mapToInt(sizes::get).sum();
    assertThat(out).isBetween(rows / 5, rows / 5 + 7);
    assertThat(new GroupSplit(1).heldOut(sizes, .2)).isEqualTo(heldOut);
    assertThat(new GroupSplit(2).heldOut(sizes, .2)).isNotEqualTo(heldOut);
  }

  @Property
  void someGroupsAreHeldOutAndOneRemains(
      @ForAll @IntRange(min = 2, max = 30) int groups,
      @ForAll @DoubleRange(min = .05, max = .95) double share,
      @ForAll long seed) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    for (int i = 0; i < groups; i++) {
      sizes.put("topic " + i, 1 + i * 7 % 5);
    }
    long rows = sizes.values().stream().mapToInt(n -> n).sum();

    Set<String> heldOut = new GroupSplit(seed).heldOut(sizes, share);

    assertThat(sizes.keySet()).containsAll(heldOut);
    assertThat(heldOut).isNotEmpty().hasSizeLessThan(groups);
    long out = heldOut.stream().mapToInt(group -> sizes.getOrDefault(group, 0)).sum();
    if (heldOut.size() < groups - 1) {
      assertThat((double) out).isGreaterThanOrEqualTo(share * rows).isLessThan(share * rows + 5);
    }
  }

  @Property
  void overAllFoldsEachGroupIsHeldOutOnce(
      @ForAll @IntRange(min = 2, max = 40) int groups, @ForAll @IntRange(min = 2, max = 6) int of) {
    Set<String> names = new LinkedHashSet<>();
    for (int i = 0; i < groups; i++) {
      names.add("query " + i);
    }
    Set<String> seen = new LinkedHashSet<>();
    for (int fold = 1; fold <= of; fold++) {
      for (String group : new GroupSplit(3).fold(names, fold, of)) {
        assertThat(seen.add(group)).isTrue();
      }
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void oneGroupAlwaysRemainsToTrainOn() {
    assertThat(new GroupSplit(1).heldOut(Map.of("only", 9), .5)).isEmpty();
    assertThat(new GroupSplit(1).heldOut(Map.of("a", 9, "b", 1), .99)).hasSize(1);
  }
}
