package plaudit.wire;

import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.ByteBufferSerializer;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * The one serializer: protobuf for every {@link WireMessage}, by the table that the codecs under
 * {@code plaudit.wire.codecs} fill.
 *
 * <p>Messages evolve by adding fields. A new message class takes two deployments, receivers first:
 * a node that does not know a manifest drops that message and logs it, nothing else.
 *
 * <p>A message that cannot be sent to another node, since it is larger than {@link
 * #LARGEST_MESSAGE} or cannot be encoded, is lost. The system's event stream then has a {@link
 * SendFailure}.
 */
public final class WireSerializer extends SerializerWithStringManifest
    implements ByteBufferSerializer {

  /** On the wire with every message: never changed, never used by another serializer. */
  public static final int IDENTIFIER = 1909;

  /** The setting that says how many bytes one message between nodes may have. */
  public static final String LARGEST_MESSAGE = "plaudit.wire.largest-message";

  private final ExtendedActorSystem system;
  private final WireTable table;

  /** Called by Pekko at start. */
  public WireSerializer(ExtendedActorSystem system) {
    this.system = system;
    this.table =
        WireTable.from(
            system.settings().config(),
            system.dynamicAccess().classLoader(),
            new SystemRefs(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return row(message).manifest();
  }

  @Override
  public byte[] toBinary(Object message) {
    return row(message).toBytes(message);
  }

  @Override
  public void toBinary(Object message, ByteBuffer buffer) {
    WireRow<?, ?> row = row(message);
    try {
      row.write(message, buffer);
    } catch (RuntimeException e) {
      throw reported(message, e);
    }
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    return fromBinary(ByteBuffer.wrap(bytes), manifest);
  }

  @Override
  public Object fromBinary(ByteBuffer buffer, String manifest) throws NotSerializableException {
    WireRow<?, ?> row =
        table
            .of(manifest)
            .orElseThrow(
                () ->
                    new NotSerializableException(
                        "manifest: %s (expected: one of %s)"
                            .formatted(
                                manifest, table.rows().stream().map(WireRow::manifest).toList())));
    try {
      return row.read(buffer);
    } catch (IOException e) {
      NotSerializableException broken =
          new NotSerializableException(
              "bytes of manifest %s: %s (expected: a %s)"
                  .formatted(manifest, e.getMessage(), row.type().getName()));
      broken.initCause(e);
      throw broken;
    }
  }

  private WireRow<?, ?> row(Object message) {
    return table
        .of(message.getClass())
        .orElseThrow(
            () ->
                reported(
                    message,
                    new IllegalArgumentException(
                        "message class: %s (expected: in a codec under plaudit.wire.codecs)"
                            .formatted(message.getClass().getName()))));
  }

  private RuntimeException reported(Object message, RuntimeException failure) {
    system.eventStream().publish(SendFailure.of(message, failure));
    return failure;
  }

  /** Asks for the resolver when it is needed: serializers are made before the system is ready. */
  private record SystemRefs(ExtendedActorSystem system) implements Refs {
    @Override
    public String toWire(ActorRef<?> ref) {
      return resolver().toSerializationFormat(ref);
    }

    @Override
    public <T> ActorRef<T> fromWire(String ref) {
      return resolver().resolveActorRef(ref);
    }

    private ActorRefResolver resolver() {
      return ActorRefResolver.get(Adapter.toTyped(system));
    }
  }
}
