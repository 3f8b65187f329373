package plaudit.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * One line of the serializer's table: how messages of one class look on the wire.
 *
 * @param manifest names the class on the wire, short; never changed and never used again
 * @param type the record
 * @param encode record to generated message
 * @param parser bytes to generated message
 * @param decode generated message to record; may throw {@link IllegalArgumentException}
 */
public record WireRow<T, P extends MessageLite>(
    String manifest,
    Class<T> type,
    Function<T, P> encode,
    Parser<P> parser,
    Function<P, T> decode) {

  public WireRow {
    if (!manifest.matches("[A-Z][A-Za-z]{1,3}")) {
      throw new IllegalArgumentException(
          "manifest of %s: %s (expected: 2-4 letters, the first a capital)"
              .formatted(type.getName(), manifest));
    }
  }

  byte[] toBytes(Object message) {
    return encode.apply(type.cast(message)).toByteArray();
  }

  void write(Object message, ByteBuffer buffer) {
    P wire = encode.apply(type.cast(message));
    if (wire.getSerializedSize() > buffer.remaining()) {
      throw new TooLarge(type, wire.getSerializedSize(), buffer.remaining());
    }
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(buffer);
      wire.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("writing %s into a buffer".formatted(type.getName()), e);
    }
  }

  /** The message has no room in the transport's buffer; Pekko looks for the class above it. */
  private static final class TooLarge extends BufferOverflowException {

    private final String message;

    TooLarge(Class<?> type, int bytes, int room) {
      this.message =
          "%s: %s of %d bytes (expected: at most %d)"
              .formatted(WireSerializer.LARGEST_MESSAGE, type.getSimpleName(), bytes, room);
    }

    @Override
    public String getMessage() {
      return message;
    }
  }

  T read(ByteBuffer buffer) throws IOException {
    return decode.apply(parser.parseFrom(CodedInputStream.newInstance(buffer)));
  }
}
