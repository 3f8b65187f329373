package plaudit.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import plaudit.experience.OnStale;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.PlanCheck;
import plaudit.lab.plan.Rates;

/**
 * A fleet whose throughput the planner has to predict: small and quick, so that many can be tried.
 *
 * @param fleet the workers
 * @param rates planned durations
 */
public record PlanTrial(Fleet fleet, Rates rates) {

  /** Measured updates at least. */
  private static final int UPDATES = 30;

  /** Measured seconds at least: a forecast is of the long run. */
  private static final double SECONDS = 3;

  /**
   * Random fleets, of which some are limited by samplers, some by the learner, some by admission.
   */
  public static List<PlanTrial> draw(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlanTrial> trials = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int eta = random.nextInt(0, 9);
      int grant = random.nextBoolean() ? 4 : 8;
      Fleet fleet =
          new Fleet(
              random.nextInt(1, 7),
              random.nextInt(1, 4),
              1,
              0,
              grant * random.nextInt(1, 9),
              grant,
              2,
              eta,
              eta + random.nextInt(0, 9),
              random.nextBoolean() ? OnStale.DROP : OnStale.WAIT,
              false);
      Rates rates =
          new Rates(
              random.nextDouble(.04, .16),
              random.nextDouble(0, .5),
              random.nextDouble(.002, .02),
              random.nextDouble(.02, .2),
              0,
              0,
              random.nextDouble(.002, .01),
              0,
              0);
      trials.add(new PlanTrial(fleet, rates));
    }
    return trials;
  }

  /** Runs the fleet, and predicts its throughput from the measured delays. */
  public CompletableFuture<PlanCheck> run(ControlPlane plane, long seed) {
    int warm = fleet.eta() + 3;
    return plane
        .measure(fleet, rates, warm, UPDATES, SECONDS, seed)
        .thenApply(
            result ->
                PlanCheck.of(
                    fleet,
                    result.rates(),
                    result.throughput(),
                    result.staleness(),
                    warm,
                    result.updates(),
                    seed));
  }
}
