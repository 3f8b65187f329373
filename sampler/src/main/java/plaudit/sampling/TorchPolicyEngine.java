package plaudit.sampling;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.TrialNet;
import plaudit.model.Weights;
import plaudit.sampling.SamplerSettings.InFlight;
import plaudit.scoring.Questions;
import plaudit.snapshots.Probe;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * A policy in libtorch. One thread loads versions and repeats the learner's probes on a net of its
 * own, while the other writes with the version before; loaded weights wait in one slot until the
 * writing thread takes them.
 */
public final class TorchPolicyEngine implements PolicyEngine {

  /** Loaded weights that nothing is written with yet; the thread that takes them closes them. */
  private record Pending(Candidate candidate, Weights weights) {}

  private final ModelConfig config;
  private final Supplier<TorchNet> makeReference;
  private final Compute compute;
  private final Generation generation;
  private final Questions questions;
  private final int questionLimit;
  private final InFlight inFlight;
  private final SnapshotFiles files;
  private final SamplerMeters meters;
  private final List<TensorSpec> specs;
  private final AtomicReference<@Nullable Pending> pending = new AtomicReference<>();

  /** Of the loading thread. */
  private @Nullable TrialNet trial;

  /** The rest is of the writing thread. */
  private @Nullable TorchNet reference;

  private @Nullable TorchNet net;
  private long version = -1;

  /**
   * An engine that has loaded nothing yet.
   *
   * @param config the policy's architecture
   * @param reference makes the frozen reference when the first validation question needs it
   * @param generation how responses are written
   * @param questions which responses people may be shown
   * @param questionLimit responses to one prompt of a question, at most
   * @param inFlight what a version that takes over between two tokens does with the cache
   */
  public TorchPolicyEngine(
      ModelConfig config,
      Supplier<TorchNet> reference,
      Compute compute,
      Generation generation,
      Questions questions,
      int questionLimit,
      InFlight inFlight,
      SnapshotFiles files,
      SamplerMeters meters) {
    this.config = config;
    this.makeReference = reference;
    this.compute = compute;
    this.generation = generation;
    this.questions = questions;
    this.questionLimit = questionLimit;
    this.inFlight = inFlight;
    this.files = files;
    this.meters = meters;
    this.specs = ScalarHead.VALUE.appendTo(Layout.of(config));
  }

  @Override
  public void fetch(Snapshot snapshot) {
    files.fetch(snapshot);
  }

  @Override
  public double load(Candidate candidate, double most) {
    drop(pending.getAndSet(null));
    Snapshot snapshot = candidate.snapshot();
    Weights weights = SnapshotWeights.read(files.fetch(snapshot), specs, false, compute);
    boolean used = false;
    try {
      double gap = gap(weights, snapshot.probes());
      used = gap <= most;
      if (used) {
        drop(pending.getAndSet(new Pending(candidate, weights)));
      }
      return gap;
    } finally {
      if (!used) {
        weights.close();
      }
    }
  }

  private double gap(Weights weights, List<Probe> probes) {
    TrialNet net = trial == null ? TrialNet.of(config, compute) : trial;
    trial = net;
    double gap = 0;
    for (Probe probe : probes) {
      ResponseScores mine =
          net.score(
              weights,
              List.of(generation.task().context(probe.query())),
              List.of(probe.response()),
              generation.task().temperature());
      for (int t = 0; t < probe.response().length(); t++) {
        gap = Math.max(gap, Math.abs(mine.logprobs()[0][t] - probe.logprobs().get(t)));
      }
    }
    return gap;
  }

  @Override
  public Optional<Candidate> takeOver() {
    Pending next = pending.getAndSet(null);
    if (next == null) {
      return Optional.empty();
    }
    use(next);
    return Optional.of(next.candidate());
  }

  private void use(Pending next) {
    if (net == null) {
      net = TorchNet.of(config, next.weights(), compute);
    } else {
      net.swap(next.weights());
    }
    version = next.candidate().version();
  }

  /**
   * Responses for the policy learner may be ended by newer versions; those for people are of one
   * version, since a judgment is about the version that a comparison names.
   */
  @Override
  public List<Rollout> write(
      Purpose purpose, List<Prompt> prompts, int responses, Consumer<Candidate> onSwap) {
    TorchNet policy = net;
    if (policy == null) {
      throw new IllegalStateException("no policy is loaded");
    }
    if (purpose == Purpose.POLICY) {
      return generation.rollouts(
          policy,
          version,
          prompts,
          responses,
          (decoding, present) -> swap(decoding, present, onSwap));
    }
    return questions.write(
        purpose,
        prompts,
        responses,
        questionLimit,
        (some, more, first) -> generation.rollouts(policy, version, some, more, first),
        (some, more, first) -> generation.rollouts(reference(), 0, some, more, first));
  }

  private TorchNet reference() {
    TorchNet made = reference == null ? makeReference.get() : reference;
    reference = made;
    return made;
  }

  /** Between two tokens: the version that waits takes over if it is newer and allowed to. */
  private long swap(Decoding decoding, long present, Consumer<Candidate> onSwap) {
    Pending next = pending.get();
    if (next != null
        && next.candidate().inFlight()
        && next.candidate().version() > present
        && pending.compareAndSet(next, null)) {
      meters.swap.record(
          () -> {
            use(next);
            if (inFlight == InFlight.RECOMPUTE) {
              decoding.reread();
            }
            onSwap.accept(next.candidate());
          });
    }
    return version;
  }

  private static void drop(@Nullable Pending unused) {
    if (unused != null) {
      unused.weights().close();
    }
  }

  @Override
  public void close() {
    drop(pending.getAndSet(null));
    if (trial != null) {
      trial.close();
    }
    if (net != null) {
      net.close();
    }
    if (reference != null) {
      reference.close();
    }
  }
}
