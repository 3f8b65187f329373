package plaudit.tokens;

import java.util.ArrayList;
import java.util.List;

/** Token ids and numbers per token as protobuf's repeated fields, and back. */
public final class TokensCodec {

  private TokensCodec() {}

  /** The ids as protobuf takes them in. */
  public static Iterable<Integer> toWire(Tokens tokens) {
    return tokens.stream().boxed().toList();
  }

  /** The tokens behind a packed field. */
  public static Tokens tokens(List<Integer> wire) {
    return Tokens.of(wire.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The numbers as protobuf takes them in. */
  public static Iterable<Float> toWire(PerToken numbers) {
    List<Float> boxed = new ArrayList<>(numbers.length());
    for (float number : numbers.toArray()) {
      boxed.add(number);
    }
    return boxed;
  }

  /** The numbers behind a packed field. */
  public static PerToken perToken(List<Float> wire) {
    float[] numbers = new float[wire.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = wire.get(i);
    }
    return PerToken.of(numbers);
  }
}
