package plaudit.model;

/** IEEE 754 half precision (binary16) and bfloat16 as bit patterns. */
final class Half {

  private static final int HALF_BIAS = 15;
  private static final int FLOAT_BIAS = 127;
  private static final int DROPPED_BITS = 13; // of the float's 23 mantissa bits, 10 stay

  private Half() {}

  /** The float that the binary16 {@code bits} stand for, exactly. */
  static float toFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0) { // zero and subnormals: mantissa x 2^-24
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(mantissa * 0x1p-24f));
    }
    int wide = exponent == 0x1f ? 0xff : exponent - HALF_BIAS + FLOAT_BIAS;
    return Float.intBitsToFloat(sign | wide << 23 | mantissa << DROPPED_BITS);
  }

  /** The float that the bfloat16 {@code bits} stand for, exactly. */
  static float bfloatToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The bfloat16 nearest to {@code value}, ties to even. */
  static short bfloatFromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) ((bits >>> 16) | 0x40); // not a number, and stays none
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /** The binary16 nearest to {@code value}, ties to even; beyond 65504 that is infinity. */
  static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00); // not a number
    }
    if (magnitude >= 0x47800000) { // 65536 and more
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) { // below the least normal half, 2^-14: round to units of 2^-24
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
    }
    int rebased = magnitude - ((FLOAT_BIAS - HALF_BIAS) << 23);
    int half = rebased >> DROPPED_BITS;
    int rest = rebased & ((1 << DROPPED_BITS) - 1);
    int tie = 1 << (DROPPED_BITS - 1);
    boolean up = rest > tie || (rest == tie && (half & 1) == 1);
    return (short) (sign | (up ? half + 1 : half)); // a carry runs into the exponent, as it should
  }
}
