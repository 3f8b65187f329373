package plaudit.node.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much memory the process holds, weights included: they live outside the Java heap, where the
 * JVM's own figures do not see them. Linux only; elsewhere the gauge shows NaN.
 */
public final class ResidentMemory implements MeterBinder {

  private static final Path STATUS = Path.of("/proc/self/status");

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("process.memory.resident", ResidentMemory::bytes)
        .description("Physical memory the process holds, native tensors included")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
  }

  /** In bytes, from the line {@code VmRSS: 123456 kB}; NaN if the system does not tell. */
  public static double bytes() {
    return bytes("VmRSS:");
  }

  /** The most there was so far. */
  public static double peak() {
    return bytes("VmHWM:");
  }

  private static double bytes(String line) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(each -> each.startsWith(line))
          .mapToDouble(each -> 1024 * Double.parseDouble(each.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
