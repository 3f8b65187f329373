package plaudit.sampling;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TrialNet;
import plaudit.model.Weights;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;

/**
 * Loads policy versions and checks them against what their learner said, while another thread
 * samples with the version before. Lives on the sampler's fetching thread.
 */
public final class PolicyLoader implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final SnapshotFiles files;
  private final Task task;
  private final List<TensorSpec> specs;
  private final PendingWeights succession;
  private @Nullable TrialNet trial;

  public PolicyLoader(
      ModelConfig config,
      Compute compute,
      SnapshotFiles files,
      Task task,
      PendingWeights succession) {
    this.config = config;
    this.compute = compute;
    this.files = files;
    this.task = task;
    this.succession = succession;
    this.specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
  }

  /**
   * Reads a version and repeats its probes. If they agree, it is the next; a version that waited to
   * be the next is not any more in any case, so that two sets of weights are in memory at most.
   *
   * @param heard when the sampler heard of it
   * @param inFlight whether it may take over between two tokens
   * @param most the largest difference in nats with which it may be used
   * @return the largest difference from the learner's log-probabilities, in nats
   */
  public double load(Snapshot snapshot, Instant heard, boolean inFlight, double most) {
    succession.close();
    Weights weights = SnapshotWeights.read(files.fetch(snapshot), specs, false, compute);
    boolean used = false;
    try {
      double gap = gap(weights, snapshot.probes());
      used = gap <= most;
      if (used) {
        succession.offer(new Candidate(snapshot, heard, inFlight, weights, gap));
      }
      return gap;
    } finally {
      if (!used) {
        weights.close();
      }
    }
  }

  private double gap(Weights weights, List<Probe> probes) {
    double gap = 0;
    for (Probe probe : probes) {
      ResponseScores mine =
          trial()
              .score(
                  weights,
                  List.of(task.context(probe.query())),
                  List.of(probe.response()),
                  task.temperature());
      for (int t = 0; t < probe.response().length(); t++) {
        gap = Math.max(gap, Math.abs(mine.logprobs()[0][t] - probe.logprobs().get(t)));
      }
    }
    return gap;
  }

  private TrialNet trial() {
    TrialNet made = trial == null ? TrialNet.of(config, compute) : trial;
    trial = made;
    return made;
  }

  @Override
  public void close() {
    succession.close();
    if (trial != null) {
      trial.close();
    }
  }
}
