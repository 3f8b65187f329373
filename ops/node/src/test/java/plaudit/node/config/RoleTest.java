package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;

class RoleTest {

  @Test
  void rolesAreWordsWithCommas() {
    assertThat(Role.parse("sampler, Scorer")).containsExactly(Role.SAMPLER, Role.SCORER);
    assertThat(Role.parse("learner")).containsExactly(Role.LEARNER);
    assertThat(Role.all()).doesNotContain(Role.HELPER).hasSize(4);
  }

  @Test
  void whatIsNoRoleIsNamed() {
    assertThatThrownBy(() -> Role.parse("sampler,trainer"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "role: \"trainer\" (expected: one or more of learner,sampler,scorer,gateway,"
                + "helper)");
    assertThatThrownBy(() -> Role.parse("")).isInstanceOf(InvalidInputException.class);
  }
}
