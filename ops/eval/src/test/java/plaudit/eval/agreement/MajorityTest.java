package plaudit.eval.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MajorityTest {

  private static final int NONE = JudgedItem.NO_PREFERENCE;

  @Test
  void twoOfThreeAreAMajority() {
    assertThat(Majority.of(new JudgedItem(2, Map.of("a", 1, "b", 0, "c", 1)))).hasValue(1);
  }

  @Test
  void oneAgainstOneAndAnAbstentionIsNone() {
    assertThat(Majority.of(new JudgedItem(2, Map.of("a", 1, "b", 0, "c", NONE)))).isEmpty();
  }

  @Test
  void aMajorityWithoutAPreferenceChoosesNobody() {
    assertThat(Majority.of(new JudgedItem(2, Map.of("a", NONE, "b", 0, "c", NONE)))).isEmpty();
  }

  @Test
  void threeOpinionsOfFourAreNone() {
    assertThat(Majority.of(new JudgedItem(4, Map.of("a", 1, "b", 0, "c", 3)))).isEmpty();
  }
}
