package plaudit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * As many schedules as one likes: {@code -Dsimulation.schedules}, {@code -Dsimulation.seconds},
 * {@code -Dsimulation.first} and {@code -Dsimulation.threads}.
 */
@Tag("slow")
class SimulationSoakTest {

  @Test
  void theLawsHoldInAMillionStorms() throws Exception {
    Soak soak =
        Soak.run(
            Long.getLong("simulation.first", 0),
            Long.getLong("simulation.schedules", 1_000_000),
            Double.parseDouble(System.getProperty("simulation.seconds", "1e9")),
            Integer.getInteger("simulation.threads", Runtime.getRuntime().availableProcessors()));
    System.out.print(soak.report());
    assertThat(soak.broken())
        .withFailMessage(
            () ->
                PropertyFailure.of(soak.broken().get(0), Set.of()).report()
                    + "\nseeds: "
                    + soak.broken())
        .isEmpty();
  }
}
