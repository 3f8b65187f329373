package plaudit.sampling;

import java.util.List;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * The policy a sampler samples with: loads versions, checks them against what their learner said,
 * and writes responses. Lives on the sampler's compute thread.
 */
final class PolicyHolder implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final SnapshotFiles files;
  private final Generation generation;
  private final List<TensorSpec> specs;
  private @Nullable TorchNet net;
  private long version = -1;

  PolicyHolder(ModelConfig config, Compute compute, SnapshotFiles files, Generation generation) {
    this.config = config;
    this.compute = compute;
    this.files = files;
    this.generation = generation;
    this.specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
  }

  /**
   * Loads a version and repeats its probes.
   *
   * @return the largest difference from the learner's log-probabilities, in nats
   */
  double load(Snapshot snapshot) {
    Weights fresh = SnapshotWeights.read(files.fetch(snapshot), specs, false, compute);
    if (net == null) {
      net = TorchNet.of(config, fresh, compute);
    } else {
      net.swap(fresh);
    }
    version = snapshot.version();
    double gap = 0;
    for (Probe probe : snapshot.probes()) {
      ResponseScores mine =
          net.score(
              List.of(generation.task().context(probe.query())),
              List.of(probe.response()),
              generation.task().temperature());
      for (int t = 0; t < probe.response().length(); t++) {
        gap = Math.max(gap, Math.abs(mine.logprobs()[0][t] - probe.logprobs().get(t)));
      }
    }
    return gap;
  }

  /** Writes responses with the version that is loaded. */
  List<Rollout> write(List<Prompt> prompts, int responses) {
    if (net == null) {
      throw new IllegalStateException("no policy is loaded");
    }
    return generation.rollouts(net, version, prompts, responses);
  }

  @Override
  public void close() {
    if (net != null) {
      net.close();
    }
  }
}
