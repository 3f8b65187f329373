package plaudit.lab.plan;

/**
 * What a fleet will do.
 *
 * @param throughput trajectories learned from, per second
 * @param staleness mean age of a trajectory when it is served, in versions
 * @param staleness95 the age that 95 % do not pass; NaN where only the mean is known
 * @param oldest the greatest age; NaN where only the mean is known
 * @param dropped share of the written trajectories that are dropped as too old
 * @param samplersIdle share of their time that samplers do not write
 * @param scorersIdle share of their time that scorers do not score
 * @param learnerIdle share of its time that the learner neither learns nor publishes
 * @param bottleneck what holds the throughput down
 */
public record Forecast(
    double throughput,
    double staleness,
    double staleness95,
    double oldest,
    double dropped,
    double samplersIdle,
    double scorersIdle,
    double learnerIdle,
    Bottleneck bottleneck) {

  /** What can hold a run down. */
  public enum Bottleneck {
    SAMPLERS,
    SCORERS,
    LEARNERS,
    LABELERS,
    ADMISSION
  }
}
