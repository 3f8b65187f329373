package plaudit.sampling;

import java.time.Instant;
import plaudit.model.Weights;
import plaudit.snapshots.Snapshot;

/**
 * A policy version that is loaded and checked, but not sampled with yet. Who takes the weights
 * closes them.
 *
 * @param heard when the sampler heard of it
 * @param inFlight whether it may take over between two tokens, and not only between two batches
 * @param gap largest difference from the learner's log-probabilities on the probes, in nats
 */
public record Candidate(
    Snapshot snapshot, Instant heard, boolean inFlight, Weights weights, double gap)
    implements AutoCloseable {

  public long version() {
    return snapshot.version();
  }

  @Override
  public void close() {
    weights.close();
  }
}
