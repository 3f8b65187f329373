package plaudit.wire;

import java.util.List;

/**
 * The rows that one package adds to the serializer's table. Implementations are public, have a
 * public constructor without arguments, and are named under {@code plaudit.wire.codecs}; they live
 * beside the records they map, and are the only classes that see generated code.
 */
public interface WireCodec {

  /**
   * One row for each message class.
   *
   * @param refs to be used while encoding and decoding, not before: the actor system is starting
   */
  List<WireRow<?, ?>> rows(Refs refs);
}
