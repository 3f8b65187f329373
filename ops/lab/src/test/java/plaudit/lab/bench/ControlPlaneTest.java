package plaudit.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import plaudit.lab.bench.ControlPlane.Wiring;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.PlanCheck;
import plaudit.lab.plan.Rates;

/** Real buffer, registry and messages; workers that only take their time. */
class ControlPlaneTest {

  private static final Rates SHORT = new Rates(.05, .1, .005, .06, 0, 0, .002, 0, 0);

  /** One of each kind: held by the learner, by samplers, by the scorer, by admission, and eta 0. */
  private static final List<PlanTrial> TRIALS =
      List.of(
          trial(3, 2, 16, 3, .06, .01, .15),
          trial(1, 1, 8, 2, .1, .01, .05),
          trial(4, 1, 16, 4, .04, .03, .05),
          trial(3, 2, 8, 1, .15, .01, .04),
          trial(2, 1, 16, 0, .08, .01, .1));

  /** Compares times, so it wants the cores for itself. */
  @Test
  @Tag("slow")
  void thePlannerForetellsWhatAFleetDoes() throws Exception {
    try (ControlPlane plane = ControlPlane.start(new Wiring(false, 0))) {
      List<CompletableFuture<PlanCheck>> running =
          TRIALS.stream().map(trial -> trial.run(plane, 1)).toList();
      for (CompletableFuture<PlanCheck> one : running) {
        PlanCheck check = one.get(2, TimeUnit.MINUTES);
        assertThat(check.holds(check.played())).as(check.toString()).isTrue();
      }
    }
  }

  @Test
  void messagesThatAreSerializedSayTheSame() throws Exception {
    Fleet fleet = new Fleet(2, 2, 1, 0, 8, 4, 2, 1, 5);
    try (ControlPlane plane = ControlPlane.start(new Wiring(true, 0))) {
      ControlPlaneResult pulse = plane.measure(fleet, SHORT, 2, 5, 0, 1).get(1, TimeUnit.MINUTES);

      assertThat(pulse.updates()).isGreaterThanOrEqualTo(5);
      assertThat(pulse.throughput()).isBetween(1.0, 8 / .06 * 1.05);
      assertThat(pulse.oldest()).isLessThanOrEqualTo(5);
      assertThat(pulse.messages()).isPositive();
    }
  }

  @Test
  void workersOnOtherNodesTalkOverTheNetwork() throws Exception {
    Fleet fleet = new Fleet(3, 2, 1, 0, 8, 4, 2, 1, 5);
    try (ControlPlane plane = ControlPlane.start(new Wiring(false, 2))) {
      ControlPlaneResult pulse = plane.measure(fleet, SHORT, 1, 4, 0, 1).get(1, TimeUnit.MINUTES);

      assertThat(pulse.updates()).isGreaterThanOrEqualTo(4);
      assertThat(pulse.throughput()).isPositive();
    }
  }

  private static PlanTrial trial(
      int samplers,
      int scorers,
      int batch,
      int eta,
      double generation,
      double scoring,
      double update) {
    return new PlanTrial(
        new Fleet(samplers, scorers, 1, 0, batch, 4, 2, eta, eta + 8),
        new Rates(generation, .2, scoring, update, 0, 0, .004, 0, 0));
  }
}
