package plaudit.lab.bench;

import java.util.List;
import plaudit.experience.Rollout;
import plaudit.lab.plan.Fleet;
import plaudit.lab.plan.Rates;
import plaudit.scoring.ScoringEngine;
import plaudit.snapshots.Snapshot;

/**
 * Takes as long as scoring takes and scores nothing, so that the real scorer can be measured
 * without a model. Loading a reward model takes no time.
 */
final class DelayScoringEngine implements ScoringEngine {

  private final Fleet fleet;
  private final Rates rates;
  private final Timings timings;

  DelayScoringEngine(Fleet fleet, Rates rates, Timings timings) {
    this.fleet = fleet;
    this.rates = rates;
    this.timings = timings;
  }

  @Override
  public void fetch(Snapshot snapshot) {}

  @Override
  public void load(Snapshot snapshot) {}

  @Override
  public void score(List<Rollout> rollouts, Receiver receiver) {
    double grants = (double) rollouts.size() / fleet.grant();
    timings.spend(Timings.Stage.SCORING, grants, rates.scoring() * grants);
    receiver.scored(Payload.score(rollouts));
  }

  @Override
  public void close() {}
}
