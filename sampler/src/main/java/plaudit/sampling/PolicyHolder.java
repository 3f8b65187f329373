package plaudit.sampling;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
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
 * and writes responses. Half of a validation question's are the frozen reference's, which is loaded
 * when the first is asked for. Lives on the sampler's compute thread.
 */
final class PolicyHolder implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final SnapshotFiles files;
  private final Generation generation;
  private final List<TensorSpec> specs;
  private final Supplier<TorchNet> makeReference;
  private @Nullable TorchNet reference;
  private @Nullable TorchNet net;
  private long version = -1;

  PolicyHolder(
      ModelConfig config,
      Supplier<TorchNet> reference,
      Compute compute,
      SnapshotFiles files,
      Generation generation) {
    this.config = config;
    this.makeReference = reference;
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

  /** Writes responses with the version that is loaded, and with the reference for validation. */
  List<Rollout> write(Purpose purpose, List<Prompt> prompts, int responses) {
    if (net == null) {
      throw new IllegalStateException("no policy is loaded");
    }
    if (purpose != Purpose.VALIDATION) {
      return generation.rollouts(net, version, prompts, responses);
    }
    if (reference == null) {
      reference = makeReference.get();
    }
    int half = responses / 2;
    return Stream.concat(
            generation.rollouts(reference, 0, prompts, half).stream(),
            generation.rollouts(net, version, prompts, half).stream()
                .map(rollout -> rollout.withIndex(half + rollout.index())))
        .toList();
  }

  @Override
  public void close() {
    if (net != null) {
      net.close();
    }
    if (reference != null) {
      reference.close();
    }
  }
}
