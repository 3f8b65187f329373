package plaudit.eval.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class JudgedItemTest {

  private static final int NONE = JudgedItem.NO_PREFERENCE;

  @Test
  void twoOfThreeAreAMajority() {
    assertThat(new JudgedItem(2, Map.of("a", 1, "b", 0, "c", 1)).majority()).hasValue(1);
  }

  @Test
  void oneAgainstOneAndAnAbstentionIsNone() {
    assertThat(new JudgedItem(2, Map.of("a", 1, "b", 0, "c", NONE)).majority()).isEmpty();
  }

  @Test
  void aMajorityWithoutAPreferenceChoosesNobody() {
    assertThat(new JudgedItem(2, Map.of("a", NONE, "b", 0, "c", NONE)).majority()).isEmpty();
  }

  @Test
  void threeOpinionsOfFourAreNone() {
    assertThat(new JudgedItem(4, Map.of("a", 1, "b", 0, "c", 3)).majority()).isEmpty();
  }
}
