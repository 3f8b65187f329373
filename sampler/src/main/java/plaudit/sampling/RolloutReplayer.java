package plaudit.sampling;

import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.sampling.SamplerSettings.InFlight;
import plaudit.tokens.TokenVersions;

/**
 * Writes once more what a sampler wrote: the same prompts together, with the same versions at the
 * same tokens. Where a sampler takes the version that is there ({@link TorchPolicyEngine}), this
 * one takes the version that was there.
 */
public final class RolloutReplayer implements AutoCloseable {

  private final ModelConfig config;
  private final List<TensorSpec> specs;
  private final Compute compute;
  private final Generation generation;
  private final InFlight inFlight;
  private final LongFunction<Path> snapshots;
  private @Nullable TorchNet net;
  private long loaded = -1;

  /**
   * A writer that has loaded nothing yet.
   *
   * @param inFlight what the sampler did with its cache when a version took over
   * @param snapshots the file of a policy version
   */
  public RolloutReplayer(
      ModelConfig config,
      Compute compute,
      Generation generation,
      InFlight inFlight,
      LongFunction<Path> snapshots) {
    this.config = config;
    this.specs = ScalarHead.VALUE.appendTo(Layout.of(config));
    this.compute = compute;
    this.generation = generation;
    this.inFlight = inFlight;
    this.snapshots = snapshots;
  }

  /**
   * Writes {@code responses} responses to each prompt.
   *
   * @param versions which version wrote which token; of the longest response, since all are decoded
   *     together
   * @return prompt after prompt, each with its responses in order
   */
  public List<Rollout> write(List<Prompt> prompts, int responses, TokenVersions versions) {
    TorchNet first = use(versions.oldest());
    return generation.rollouts(
        first, versions.oldest(), prompts, responses, new Recorded(versions)::next);
  }

  private TorchNet use(long version) {
    TorchNet present = net;
    if (present == null) {
      present = TorchNet.of(config, weights(version), compute);
    } else if (loaded != version) {
      present.swap(weights(version));
    }
    net = present;
    loaded = version;
    return present;
  }

  private Weights weights(long version) {
    return SnapshotWeights.read(snapshots.apply(version), specs, false, compute);
  }

  /** Versions take over where they did. */
  private final class Recorded {
    private final TokenVersions versions;
    private int token;

    Recorded(TokenVersions versions) {
      this.versions = versions;
    }

    long next(Decoding decoding, long present) {
      token++;
      long version = token < versions.length() ? versions.at(token) : present;
      if (version != present) {
        use(version);
        if (inFlight == InFlight.RECOMPUTE) {
          decoding.reread();
        }
      }
      return version;
    }
  }

  @Override
  public void close() {
    if (net != null) {
      net.close();
    }
  }
}
