package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plaudit.node.config.Role;

class ReadinessTest {

  @Test
  void aNodeThatHasAllItsRolesNeedIsReady() {
    assertThat(new Readiness(Role.all(), true, true, true, 0, true).missing()).isEmpty();
  }

  @Test
  void whateverItsRolesANodeMustBeAMember() {
    for (Role role : Role.values()) {
      assertThat(new Readiness(EnumSet.of(role), false, true, true, 0, true).missing())
          .as(role.word())
          .containsExactly("it is not a member of the cluster");
    }
  }

  @Test
  void samplersAndScorersNeedALearnerAndSamplersWeights() {
    assertThat(lacks(Role.SAMPLER))
        .containsExactly("no learner can be reached", "the sampler has no weights yet");
    assertThat(lacks(Role.SCORER)).containsExactly("no learner can be reached");
  }

  @Test
  void aLearnerMustHaveBegunAndAGatewayItsLabels() {
    assertThat(lacks(Role.LEARNER)).singleElement().asString().contains("has not begun");
    assertThat(lacks(Role.GATEWAY)).containsExactly("the label store does not answer");
  }

  private static Iterable<String> lacks(Role role) {
    return new Readiness(Set.of(role), true, false, false, -1, false).missing();
  }
}
