package plaudit.node.telemetry;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code %causes} in a log pattern: what went wrong and why, in one line and without a stack trace,
 * such as {@code : UncheckedIOException: cannot write x; IOException: No space left on device}.
 */
public final class Causes extends ThrowableHandlingConverter {

  private static final int AT_MOST = 5;

  @Override
  public String convert(ILoggingEvent event) {
    List<String> causes = new ArrayList<>();
    @Nullable IThrowableProxy thrown = event.getThrowableProxy();
    while (thrown != null && causes.size() < AT_MOST) {
      String name = thrown.getClassName();
      causes.add(
          "%s: %s".formatted(name.substring(name.lastIndexOf('.') + 1), thrown.getMessage()));
      thrown = thrown.getCause();
    }
    return causes.isEmpty() ? "" : ": " + String.join("; ", causes).replaceAll("\\s+", " ");
  }
}
