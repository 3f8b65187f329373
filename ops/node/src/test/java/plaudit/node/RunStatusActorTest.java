package plaudit.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Routers;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import plaudit.gateway.http.RunView;
import plaudit.node.config.SharedSettings.Difference;
import plaudit.rewards.SourceMonitor;
import plaudit.wire.WireMessage;

class RunStatusActorTest {

  private static final RunStatusActor.Terms TERMS =
      new RunStatusActor.Terms(
          "a1", "{}", Map.of("plaudit.run.seed", "1", "plaudit.task.temperature", "0.7"));

  private final List<List<Difference>> refused = new CopyOnWriteArrayList<>();
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
    DistantRun distant =
        new DistantRun(
            kit.system(), kit.spawn(Routers.group(RunStatusActor.KEY)), Optional.empty());
    assertThat(distant.statusJson()).contains("waiting for the learner");
    assertThat(distant.samples()).isEmpty();

    ActorRef<RunStatusActor.Command> desk =
        kit.spawn(
            RunStatusActor.create(
                new SomeRun(), TERMS, (join, why) -> refused.add(why), report -> {}));
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
  void aNodeThatClaimsWhatTheRunHasJoinsIt() {
    var asker = kit.createTestProbe(RunStatusActor.JoinReply.class);
    ActorRef<RunStatusActor.Command> run =
        kit.spawn(
            RunStatusActor.create(
                new SomeRun(), TERMS, (join, why) -> refused.add(why), report -> {}));

    run.tell(join("", Map.of("plaudit.run.seed", "1", "of-another-program", "x"), asker.getRef()));

    assertThat(asker.receiveMessage()).isEqualTo(new RunStatusActor.Joined("a1", "{}"));
    assertThat(refused).isEmpty();
  }

  @Test
  void aNodeThatDiffersIsRefusedByNameWithBothValuesAndTold() {
    var asker = kit.createTestProbe(RunStatusActor.JoinReply.class);
    ActorRef<RunStatusActor.Command> run =
        kit.spawn(
            RunStatusActor.create(
                new SomeRun(), TERMS, (join, why) -> refused.add(why), report -> {}));

    run.tell(join("", Map.of("plaudit.task.temperature", "1"), asker.getRef()));

    List<Difference> why = List.of(new Difference("plaudit.task.temperature", "1", "0.7"));
    assertThat(asker.receiveMessage()).isEqualTo(new RunStatusActor.Refused(why));
    assertThat(refused).containsExactly(why);
  }

  @Test
  void aNodeOfAnotherRunIsToldSo() {
    var asker = kit.createTestProbe(RunStatusActor.JoinReply.class);
    ActorRef<RunStatusActor.Command> run =
        kit.spawn(
            RunStatusActor.create(
                new SomeRun(), TERMS, (join, why) -> refused.add(why), report -> {}));

    run.tell(join("b2", Map.of(), asker.getRef()));

    assertThat(((RunStatusActor.Refused) asker.receiveMessage()).isOfAnotherRun()).isTrue();
  }

  private static RunStatusActor.Join join(
      String run, Map<String, String> claims, ActorRef<RunStatusActor.JoinReply> replyTo) {
    return new RunStatusActor.Join("bob:17355", Set.of("sampler"), "0.1", run, claims, replyTo);
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
            new RunStatusActor.Samples(List.of()),
            join("a1", Map.of("plaudit.run.seed", "1"), ref.narrow()),
            new RunStatusActor.Joined("a1", "{}"),
            new RunStatusActor.Refused(List.of(new Difference("k", "1", "2"))),
            new RunStatusActor.ScorerReport(
                "10.0.0.2:17355",
                List.of(new SourceMonitor.Total("rule", 1.5, 3)),
                "remote: HTTP 503",
                Duration.ofSeconds(2)));
    messages.forEach(
        message -> assertThat(wire.verifySerialization(message, true)).isEqualTo(message));
    Set<Class<?>> known = messages.stream().map(Object::getClass).collect(Collectors.toSet());
    assertThat(known)
        .containsAll(
            Arrays.stream(RunStatusActor.class.getDeclaredClasses())
                .filter(Class::isRecord)
                .filter(WireMessage.class::isAssignableFrom)
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
