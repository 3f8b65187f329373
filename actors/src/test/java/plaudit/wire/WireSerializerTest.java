package plaudit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.NotSerializableException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.SerializationTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.labels.actor.LabelStore;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.actor.SnapshotProtocol;

class WireSerializerTest {

  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final ActorRef<Object> REF = KIT.createTestProbe(Object.class).getRef();

  private final Serialization serialization = SerializationExtension.get(KIT.system());
  private final WireSerializer serializer =
      (WireSerializer) serialization.serializerByIdentity().apply(WireSerializer.IDENTIFIER);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @TestFactory
  Stream<DynamicTest> everyMessageComesBackEqual() {
    SerializationTestKit wire = new SerializationTestKit(KIT.system());
    return Messages.all(REF).stream()
        .map(
            message ->
                DynamicTest.dynamicTest(
                    message.getClass().getName(),
                    () -> {
                      assertThat(serialization.findSerializerFor(message)).isSameAs(serializer);
                      assertThat(wire.verifySerialization(message, true)).isEqualTo(message);
                    }));
  }

  @Test
  void noMessageIsForgotten() {
    Set<Class<?>> permitted = new HashSet<>(Set.of(Grant.class, Batch.class, Snapshot.class));
    Stream.of(
            ExperienceProtocol.class,
            OfferReply.class,
            LabelStore.class,
            SnapshotProtocol.class,
            PublishReply.class)
        .flatMap(WireSerializerTest::records)
        .forEach(permitted::add);
    permitted.removeAll(
        Set.of(LabelStore.Stop.class, LabelStore.Holder.class)); // parts of messages
    Set<Class<?>> tested =
        Messages.all(REF).stream().map(Object::getClass).collect(Collectors.toSet());
    assertThat(tested).isEqualTo(permitted);
    assertThat(permitted).allMatch(WireMessage.class::isAssignableFrom);
  }

  @Test
  void javaSerializationIsOff() {
    assertThat(KIT.system().settings().config().getBoolean("pekko.actor.allow-java-serialization"))
        .isFalse();
  }

  @Test
  void bufferAndArrayCarryTheSameBytes() throws NotSerializableException {
    for (WireMessage message : Messages.all(REF)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
      serializer.toBinary(message, buffer);
      buffer.flip();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      assertThat(bytes).isEqualTo(serializer.toBinary(message));
      assertThat(serializer.fromBinary(buffer, serializer.manifest(message))).isEqualTo(message);
    }
  }

  @Test
  void aBufferThatIsTooSmallOverflows() {
    OfferReply message = new OfferReply.Accepted(5);
    assertThatThrownBy(() -> serializer.toBinary(message, ByteBuffer.allocate(1)))
        .isInstanceOf(BufferOverflowException.class);
  }

  @Test
  void anUnknownManifestIsNotSerializable() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "Xx"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageStartingWith("manifest: Xx (expected: one of [EB, ");
  }

  @Test
  void brokenBytesAreNotSerializable() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[] {-1, -1}, "EB"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageStartingWith("bytes of manifest EB: ");
  }

  @Test
  void whatARecordRefusesIsRefused() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "SN"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("model: MODEL_UNSPECIFIED");
  }

  @Test
  void aClassWithoutRowIsRefused() {
    record Stranger() implements WireMessage {}
    assertThatThrownBy(() -> serializer.manifest(new Stranger()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Stranger (expected: in a codec under plaudit.wire.codecs)");
  }

  @Test
  void aReferenceComesBackAlive() throws NotSerializableException {
    var probe = KIT.createTestProbe(ExperienceProtocol.Status.class);
    byte[] bytes = serializer.toBinary(new ExperienceProtocol.GetStatus(probe.getRef()));
    ExperienceProtocol.GetStatus back =
        (ExperienceProtocol.GetStatus) serializer.fromBinary(bytes, "ES");
    ExperienceProtocol.Status status = new ExperienceProtocol.Status(1, 2, 3, 4, 5, 6, 7, 8);
    back.replyTo().tell(status);
    assertThat(probe.receiveMessage()).isEqualTo(status);
  }

  private static Stream<Class<?>> records(Class<?> owner) {
    return Arrays.stream(owner.getDeclaredClasses())
        .flatMap(nested -> nested.isRecord() ? Stream.of(nested) : records(nested));
  }
}
