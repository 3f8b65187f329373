package plaudit.scoring.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Reply;
import plaudit.scoring.actor.ScoringProtocol.Score;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;
import plaudit.wire.WireMessage;
import plaudit.wire.WireSerializer;

class ScoringCodecTest {

  private final ActorTestKit kit = ActorTestKit.create();
  private final ActorRef<Reply> replyTo = kit.createTestProbe(Reply.class).getRef();
  private final Rollout rollout =
      new Rollout(
          1L << 40,
          3,
          Tokens.of(5, 0),
          Tokens.of(50_256),
          PerToken.of(-1.5f),
          PerToken.of(.25f),
          7);
  private final List<WireMessage> messages =
      List.of(
          new Score(1, Purpose.POLICY, List.of(rollout, rollout), replyTo),
          new Score(2, Purpose.QUESTION, List.of(), replyTo),
          new Scored(Long.MAX_VALUE),
          new Busy(0));

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void everyMessageComesBackEqual() {
    SerializationTestKit wire = new SerializationTestKit(kit.system());
    Serialization serialization = SerializationExtension.get(kit.system());
    for (WireMessage message : messages) {
      assertThat(serialization.findSerializerFor(message)).isInstanceOf(WireSerializer.class);
      assertThat(wire.verifySerialization(message, true)).isEqualTo(message);
    }
  }

  @Test
  void noMessageIsForgotten() {
    Set<Class<?>> records =
        Arrays.stream(ScoringProtocol.class.getDeclaredClasses())
            .filter(Class::isRecord)
            .collect(Collectors.toSet());
    assertThat(messages.stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(records);
    assertThat(records).allMatch(WireMessage.class::isAssignableFrom);
  }
}
