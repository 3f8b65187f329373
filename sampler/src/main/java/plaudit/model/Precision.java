package plaudit.model;

import java.util.Locale;
import plaudit.input.InvalidInputException;

/**
 * How a role multiplies matrices. Weights, sums of gradients, softmax and the optimizer are F32 in
 * all of them.
 */
public enum Precision {
  /** PyTorch's own F32 product; the same bits on every run with as many threads. */
  EXACT,
  /** oneDNN's F32 product: equal to {@link #EXACT} up to rounding, and faster on most CPUs. */
  FP32,
  /** Products of bfloat16 numbers, whose rounding is near 0.4 %. */
  BF16,
  /** The one that suits this machine and the role, see {@link Products}. */
  AUTO;

  /**
   * Reads a setting.
   *
   * @throws InvalidInputException naming {@code key} if there is no such precision
   */
  public static Precision of(String key, String word) {
    for (Precision precision : values()) {
      if (precision.word().equals(word)) {
        return precision;
      }
    }
    throw InvalidInputException.of(key, word, "exact, fp32, bf16 or auto");
  }

  /** As in settings. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
