package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfTest {

  @Test
  void everyHalfSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float wide = Half.toFloat((short) bits);
      if (Float.isNaN(wide)) {
        assertThat(Half.fromFloat(wide) & 0x7c00).isEqualTo(0x7c00);
      } else {
        assertThat(Half.fromFloat(wide)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void roundingPicksTheNearestOfAllHalvesAndTheEvenOneOfTwo() {
    var random = new Random(3);
    for (int i = 0; i < 2_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(44) - 28));
      if (Math.abs(value) >= 65504) {
        continue;
      }
      assertThat(Half.fromFloat(value)).as("%s", value).isEqualTo(nearest(value));
    }
    for (int bits = 0; bits < 0x7bff; bits += 7) { // exact ties
      float tie = (Half.toFloat((short) bits) + Half.toFloat((short) (bits + 1))) / 2;
      assertThat(Half.fromFloat(tie)).as("%s", tie).isEqualTo((short) (bits + (bits & 1)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.0, 3c00",
    "-2.0, c000",
    "65504, 7bff",
    "65519.996, 7bff",
    "65520, 7c00",
    "1e30, 7c00",
    "5.9604645e-8, 0001",
    "2.9802322e-8, 0000",
    "6.097555e-5, 03ff",
    "Infinity, 7c00",
    "NaN, 7e00"
  })
  void knownValuesHaveTheirKnownBits(float value, String bits) {
    assertThat(Integer.toHexString(0x10000 | (Half.fromFloat(value) & 0xffff))).endsWith(bits);
  }

  @Test
  void aBfloatIsTheUpperHalfOfAFloat() {
    assertThat(Half.bfloatToFloat((short) 0x3f80)).isEqualTo(1f);
    assertThat(Half.bfloatToFloat((short) 0xc049)).isEqualTo(-3.140625f);
  }

  /** By bisection over the positive halves, which are ordered as their bits. */
  private static short nearest(float value) {
    double magnitude = Math.abs((double) value);
    int low = 0;
    int high = 0x7bff;
    while (low + 1 < high) {
      int middle = (low + high) >>> 1;
      if (Half.toFloat((short) middle) <= magnitude) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double below = magnitude - Half.toFloat((short) low);
    double above = Half.toFloat((short) high) - magnitude;
    int bits = below < above || (below == above && (low & 1) == 0) ? low : high;
    return (short) (Float.floatToRawIntBits(value) < 0 ? bits | 0x8000 : bits);
  }
}
