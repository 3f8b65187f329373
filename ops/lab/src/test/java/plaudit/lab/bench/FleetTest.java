package plaudit.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plaudit.lab.plan.Rates;

/**
 * One cluster of many actor systems, each with a port of its own: as many as the property {@code
 * fleet.nodes} says. 64 want cores that have nothing else to do.
 */
@Tag("slow")
@Timeout(600)
class FleetTest {

  private static final Rates RATES = new Rates(4, .1, .02, .15, 0, 0, .01, 0, 0);
  private static final int NODES = Integer.getInteger("fleet.nodes", 16);

  @Test
  void allSamplersTakePartAndServeWeightsToEachOther() throws Exception {
    FleetBench.Outcome fleet =
        FleetBench.run(Scaling.fleet(NODES, 128, 16, 4), RATES, 5, 1 << 18, true, 1);

    assertThat(fleet.reached()).isEqualTo(NODES);
    assertThat(fleet.control().updates()).isGreaterThanOrEqualTo(3);
    assertThat(fleet.control().oldest()).isLessThanOrEqualTo(8);
    assertThat(fleet.control().throughput()).isPositive();
    assertThat(fleet.versions()).as("copies that the learner sends").isLessThan(NODES);
  }
}
