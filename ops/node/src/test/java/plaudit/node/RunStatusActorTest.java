package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.gateway.http.RunView;
import plaudit.wire.WireMessage;

class RunStatusActorTest {

  private final ActorTestKit kit =
      ActorTestKit.create(
          ConfigFactory.parseString("pekko.actor.serialize-messages = on")
              .withFallback(ConfigFactory.load()));

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void aGatewayElsewhereSeesTheRunOnceThereIsOne() {
    DistantRun distant = new DistantRun(kit.system());
    assertThat(distant.statusJson()).contains("waiting for the learner");
    assertThat(distant.samples()).isEmpty();

    ActorRef<RunStatusActor.Command> desk = kit.spawn(RunStatusActor.create(new SomeRun()));
    var registered = kit.createTestProbe(Receptionist.Registered.class);
    kit.system()
        .receptionist()
        .tell(Receptionist.register(RunStatusActor.KEY, desk, registered.getRef()));
    registered.receiveMessage();

    registered.awaitAssert(
        Duration.ofSeconds(20),
        () -> assertThat(distant.metricsSince(2)).hasSize(3).allMatch(line -> line.equals("{}")));
    assertThat(distant.samples()).containsExactly("a text");
    assertThat(distant.statusJson()).isEqualTo("{\"phase\":\"learning\"}");
  }

  @Test
  void anAnswerFitsIntoOneMessage() {
    List<String> lines = Collections.nCopies(40, "x".repeat(10_000));
    assertThat(RunStatusActor.first(lines)).hasSize((128 << 10) / 10_000);
  }

  @Test
  void everyMessageComesBackEqual() {
    SerializationTestKit wire = new SerializationTestKit(kit.system());
    ActorRef<Object> ref = kit.createTestProbe(Object.class).getRef();
    List<WireMessage> messages =
        List.of(
            new RunStatusActor.GetStatus(ref.narrow()),
            new RunStatusActor.Status("{}"),
            new RunStatusActor.GetMetrics(7, ref.narrow()),
            new RunStatusActor.Lines(List.of("a", "")),
            new RunStatusActor.GetSamples(ref.narrow()),
            new RunStatusActor.Samples(List.of()));
    messages.forEach(
        message -> assertThat(wire.verifySerialization(message, true)).isEqualTo(message));
    Set<Class<?>> known = messages.stream().map(Object::getClass).collect(Collectors.toSet());
    assertThat(known)
        .containsAll(
            Arrays.stream(RunStatusActor.class.getDeclaredClasses())
                .filter(Class::isRecord)
                .toList());
  }

  private static final class SomeRun implements RunView {
    @Override
    public String statusJson() {
      return "{\"phase\":\"learning\"}";
    }

    @Override
    public List<String> metricsSince(int line) {
      return Collections.nCopies(5 - line, "{}");
    }

    @Override
    public List<String> samples() {
      return List.of("a text");
    }
  }
}
