package plaudit.parallel.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.parallel.ExampleTargets;
import plaudit.parallel.GradientCodec;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.parallel.actor.HelperProtocol.Computed;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.parallel.actor.HelperProtocol.Reply;
import plaudit.policy.ComputeShape;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.UpdateStats;
import plaudit.policy.UpdateStats.Mean;
import plaudit.snapshots.FileRef;
import plaudit.wire.WireMessage;
import plaudit.wire.WireSerializer;

class HelperCodecTest {

  private final ActorTestKit kit = ActorTestKit.create();
  private final ActorRef<Reply> replyTo = kit.createTestProbe(Reply.class).getRef();
  private final FileRef file =
      new FileRef(URI.create("http://10.0.0.1:9000/exchange/a-1"), 1L << 33, "0a".repeat(32));
  private final List<WireMessage> messages =
      List.of(
          new Differentiate(
              1L << 40, new Work(file, file, 12_288, 0.15, -1, "clip-ratio 0.2"), replyTo),
          new Computed(
              7,
              new Gradient(
                  file,
                  new UpdateStats.Part(
                      Map.of("loss/policy", new Mean(-0.5, 0.25)), Map.of("policy/ratio_max", 1.5)),
                  new ComputeShape(16, 8))),
          new Computed(
              0,
              new Gradient(file, new UpdateStats.Part(Map.of(), Map.of()), new ComputeShape(0, 0))),
          new Declined(9, "no \u20ac"));

  @TempDir private Path directory;

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
        Arrays.stream(HelperProtocol.class.getDeclaredClasses())
            .filter(Class::isRecord)
            .collect(Collectors.toSet());
    assertThat(messages.stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(records);
    assertThat(records).allMatch(WireMessage.class::isAssignableFrom);
  }

  @ParameterizedTest
  @ValueSource(strings = {"algorithm = ppo", "algorithm = rloo", "algorithm = online-dpo"})
  void targetsComeBackFromTheirFileEqual(String method) throws IOException {
    MinibatchTargets targets =
        ExampleTargets.of(ExampleTargets.settings(method), ExampleTargets.batch(directory));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    GradientCodec.writeTargets(targets, file);
    MinibatchTargets back = GradientCodec.readTargets(new ByteArrayInputStream(file.toByteArray()));
    if (targets instanceof AdvantageTargets advantages && back instanceof AdvantageTargets read) {
      assertThat(read.batch()).isEqualTo(advantages.batch());
      assertThat(read.advantages()).isDeepEqualTo(advantages.advantages());
      assertThat(read.weights()).isDeepEqualTo(advantages.weights());
      assertThat(read.returns().isPresent()).isEqualTo(advantages.returns().isPresent());
      advantages
          .returns()
          .ifPresent(r -> assertThat(read.returns().orElseThrow()).isDeepEqualTo(r));
    } else {
      assertThat(back).isEqualTo(targets);
    }
    byte[] cut = Arrays.copyOf(file.toByteArray(), 20);
    Assertions.assertThatThrownBy(() -> GradientCodec.readTargets(new ByteArrayInputStream(cut)))
        .isInstanceOf(IOException.class);
    Assertions.assertThatThrownBy(
            () -> GradientCodec.readTargets(new ByteArrayInputStream(new byte[0])))
        .isInstanceOf(EOFException.class);
  }
}
