package plaudit.sampling;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.TorchNet;

/**
 * The policy a sampler samples with: takes over loaded versions and writes responses. Half of a
 * validation question's are the frozen reference's, which is loaded when the first is asked for.
 * Lives on the sampler's compute thread.
 */
public final class PolicyHolder implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final Generation generation;
  private final InFlight inFlight;
  private final PendingWeights succession;
  private final Consumer<Candidate> onSwap;
  private final Supplier<TorchNet> makeReference;
  private final SamplerMeters meters;
  private @Nullable TorchNet reference;
  private @Nullable TorchNet net;
  private long version = -1;

  /**
   * A holder of nothing yet.
   *
   * @param onSwap hears, on the compute thread, of each version that took over between two tokens
   */
  public PolicyHolder(
      ModelConfig config,
      Supplier<TorchNet> reference,
      Compute compute,
      Generation generation,
      InFlight inFlight,
      PendingWeights succession,
      Consumer<Candidate> onSwap,
      SamplerMeters meters) {
    this.config = config;
    this.makeReference = reference;
    this.compute = compute;
    this.generation = generation;
    this.inFlight = inFlight;
    this.succession = succession;
    this.onSwap = onSwap;
    this.meters = meters;
  }

  /** Between two batches: samples with the version that waits from now on, if there is one. */
  public Optional<Candidate> takeOver() {
    Optional<Candidate> next = succession.take();
    next.ifPresent(this::use);
    return next;
  }

  private void use(Candidate candidate) {
    if (net == null) {
      net = TorchNet.of(config, candidate.weights(), compute);
    } else {
      net.swap(candidate.weights());
    }
    version = candidate.version();
  }

  /**
   * Writes responses with the version that is loaded, and with the reference for validation. Those
   * for the policy learner may be ended by newer versions; those for people are of one version,
   * since a judgment is about the version that a comparison names.
   */
  public List<Rollout> write(Purpose purpose, List<Prompt> prompts, int responses) {
    if (net == null) {
      throw new IllegalStateException("no policy is loaded");
    }
    if (purpose == Purpose.POLICY) {
      return generation.rollouts(net, version, prompts, responses, this::relay);
    }
    if (purpose == Purpose.QUESTION) {
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

  /** Between two tokens. */
  private long relay(Decoding decoding, long present) {
    succession
        .takeInFlight(present)
        .ifPresent(
            next ->
                meters.swap.record(
                    () -> {
                      use(next);
                      if (inFlight == InFlight.RECOMPUTE) {
                        decoding.reread();
                      }
                      onSwap.accept(next);
                    }));
    return version;
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
