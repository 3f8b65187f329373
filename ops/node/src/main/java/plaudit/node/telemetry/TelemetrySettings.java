package plaudit.node.telemetry;

import com.typesafe.config.Config;
import plaudit.input.InvalidInputException;

/**
 * Where the numbers are served: {@code plaudit.telemetry}.
 *
 * @param host the address to listen on
 * @param port 0 for any free one
 */
record TelemetrySettings(String host, int port) {

  /** Where Prometheus finds it by default. */
  static final int DEFAULT_PORT = 9464;

  TelemetrySettings {
    if (port < 0 || port > 65_535) {
      throw InvalidInputException.of("plaudit.telemetry.port", port, "0 to 65535");
    }
  }

  static TelemetrySettings from(Config config) {
    Config own = config.getConfig("plaudit.telemetry");
    return new TelemetrySettings(own.getString("host"), own.getInt("port"));
  }
}
