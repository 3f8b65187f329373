package plaudit.parallel;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** What a helper counts. */
public final class HelperMeters {

  public final Timer computing;

  /** Registers the meters. */
  public HelperMeters(MeterRegistry registry) {
    this.computing =
        Timer.builder("plaudit.helper.computing")
            .description("Time to fetch weights and rows, and to compute and write their gradient")
            .register(registry);
  }
}
