package plaudit.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import plaudit.eval.measure.Estimate;
import plaudit.stats.Wilson;

/** Measured numbers as JSON objects: {@code value}, {@code low} and {@code high}. */
final class JsonNumbers {

  private JsonNumbers() {}

  static Map<String, Object> of(Estimate estimate) {
    return of(estimate.mean(), estimate.low(), estimate.high());
  }

  static Map<String, Object> of(Wilson share) {
    return of(share.share(), share.low(), share.high());
  }

  static Map<String, Object> of(double value, double low, double high) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("value", value);
    object.put("low", low);
    object.put("high", high);
    return object;
  }
}
