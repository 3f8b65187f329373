package plaudit.eval.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A straight scale with round numbers on it.
 *
 * @param low the scale's first number
 * @param high its last, {@code > low}
 * @param step from tick to tick: 1, 2 or 5 times a power of ten
 */
record Axis(double low, double high, double step) {

  /** A scale from tick to tick around all of {@code min} to {@code max}. */
  static Axis around(double min, double max, int ticks) {
    double span = max - min;
    if (!(span > Math.ulp(Math.abs(min) + Math.abs(max)) * 64)) {
      double margin = min == 0 ? 1 : Math.abs(min) / 2;
      return around(min - margin, max + margin, ticks);
    }
    double step = step(span, ticks);
    return new Axis(
        Math.floor(min / step + 1e-9) * step, Math.ceil(max / step - 1e-9) * step, step);
  }

  /** A scale exactly from {@code min} to {@code max}, with ticks wherever round numbers fall. */
  static Axis within(double min, double max, int ticks) {
    return max > min ? new Axis(min, max, step(max - min, ticks)) : new Axis(min - .5, min + .5, 1);
  }

  private static double step(double span, int ticks) {
    double rough = span / ticks;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  /** The round numbers from low to high. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** Where {@code value} is between low (0) and high (1). */
  double position(double value) {
    return (value - low) / (high - low);
  }

  /** A tick with as many decimals as the step needs. */
  String label(double tick) {
    double size = Math.max(Math.abs(low), Math.abs(high));
    if (tick == 0) {
      return "0";
    }
    if (size < .001 || size >= 1e7) {
      return Html.minus(Html.format("%.0e", tick).replace("e-0", "e-").replace("e+0", "e"));
    }
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return Html.minus(Html.format("%,." + decimals + "f", tick));
  }
}
