package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
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

  @Test
  void oneGroupAlwaysRemainsToTrainOn() {
    assertThat(new GroupSplit(1).heldOut(Map.of("only", 9), .5)).isEmpty();
    assertThat(new GroupSplit(1).heldOut(Map.of("a", 9, "b", 1), .99)).hasSize(1);
  }
}
