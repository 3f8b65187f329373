package plaudit.lab.plan;

/**
 * A forecast held against what a fleet really did.
 *
 * @param fleet that ran
 * @param rates as they were while it ran
 * @param throughput trajectories it learned from, per second
 * @param staleness mean age of what was served, in versions
 * @param formula what {@link ClosedForm} says
 * @param played what {@link EventModel} says
 */
public record PlanCheck(
    Fleet fleet,
    Rates rates,
    double throughput,
    double staleness,
    Forecast formula,
    Forecast played) {

  /** How far the throughput may be off, as a share of the measured one. */
  public static final double THROUGHPUT = 0.10;

  /** How far the mean staleness may be off, in versions. */
  public static final double STALENESS = 0.5;

  /**
   * Forecasts for what was measured.
   *
   * @param warm updates before those that were measured
   * @param updates that were measured
   */
  public static PlanCheck of(
      Fleet fleet,
      Rates rates,
      double throughput,
      double staleness,
      int warm,
      int updates,
      long seed) {
    return new PlanCheck(
        fleet,
        rates,
        throughput,
        staleness,
        ClosedForm.of(fleet, rates),
        EventModel.play(fleet, rates, warm, updates, seed));
  }

  /** By how much {@code forecast} is too high, as a share of the measured throughput. */
  public double throughputError(Forecast forecast) {
    return forecast.throughput() / throughput - 1;
  }

  /** By how much {@code forecast} is too stale, in versions. */
  public double stalenessError(Forecast forecast) {
    return forecast.staleness() - staleness;
  }

  /** Whether {@code forecast} is within both bounds. */
  public boolean holds(Forecast forecast) {
    return Math.abs(throughputError(forecast)) <= THROUGHPUT
        && Math.abs(stalenessError(forecast)) <= STALENESS;
  }
}
