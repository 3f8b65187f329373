package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import org.junit.jupiter.api.Test;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.Tokens;
import plaudit.wire.v1.ExperienceWire;

class RolloutTest {

  private static final Tokens TOKENS = Tokens.of(1, 2, 3);
  private static final PerToken NUMBERS = PerToken.of(0, 0, 0);

  @Test
  void itsAgeIsThatOfItsFirstToken() {
    Rollout rollout = rollout(TokenVersions.ofEach(3, 3, 5));
    assertThat(rollout.policyVersion()).isEqualTo(3);
    assertThat(rollout.newestVersion()).isEqualTo(5);
  }

  @Test
  void eachTokenHasAVersion() {
    assertThatThrownBy(() -> rollout(TokenVersions.of(3, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token versions: 2 (expected: 3, one a response token)");
  }

  @Test
  void theWireKnowsWhoWroteWhat() {
    Rollout swapped = rollout(TokenVersions.ofEach(3, 5, 6));
    ExperienceWire.Rollout wire = ExperienceCodec.toWire(swapped);
    assertThat(wire.getPolicyVersion()).isEqualTo(3);
    assertThat(ExperienceCodec.fromWire(wire)).isEqualTo(swapped);
  }

  /** Nodes and journals of the first release know one version a rollout. */
  @Test
  void withoutRunsOneVersionWroteItAll() throws InvalidProtocolBufferException {
    Rollout one = rollout(TokenVersions.of(4, 3));
    byte[] old =
        ExperienceCodec.toWire(rollout(TokenVersions.ofEach(4, 5, 5))).toBuilder()
            .clearVersions()
            .build()
            .toByteArray();
    assertThat(ExperienceCodec.toWire(one).toByteArray()).isEqualTo(old);
    assertThat(ExperienceCodec.fromWire(ExperienceWire.Rollout.parseFrom(old))).isEqualTo(one);
  }

  private static Rollout rollout(TokenVersions versions) {
    return new Rollout(1, 0, Tokens.of(9), TOKENS, NUMBERS, NUMBERS, versions);
  }
}
