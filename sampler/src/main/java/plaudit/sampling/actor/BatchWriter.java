package plaudit.sampling.actor;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.experience.Rollout;
import plaudit.experience.actor.ExperienceProtocol.Grant;
import plaudit.sampling.Candidate;
import plaudit.sampling.PolicyHolder;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerState;

/**
 * Writes granted batches on a thread of its own, where versions take over too, so that neither
 * comes in the other's way. One thing at a time, as {@link SamplerState} says; the sampler hears
 * when it is done.
 *
 * <p>A part of the sampler: only its messages may call.
 */
final class BatchWriter implements AutoCloseable {

  /** What a writer has done, told to its sampler. */
  sealed interface Message extends Sampler.Command {}

  /**
   * A version took over between two batches.
   *
   * @param version none if it was gone when the thread came to it: it took over in flight, or a
   *     newer one that is being loaded did away with it
   */
  record TookOver(@Nullable Candidate version, @Nullable Throwable failure) implements Message {}

  /** A version took over in the middle of a batch. */
  record Swapped(Candidate version) implements Message {}

  /** A batch is written, or could not be. */
  record Written(Grant grant, List<Rollout> rollouts, @Nullable Throwable failure)
      implements Message {}

  private final ActorContext<Sampler.Command> ctx;
  private final PolicyHolder policy;
  private final SamplerMeters meters;
  private final ComputeThread thread;

  /**
   * A writer that waits.
   *
   * @param name the sampler's
   * @param policy is closed with the writer; what takes over in flight it tells as {@link Swapped}
   */
  BatchWriter(
      ActorContext<Sampler.Command> ctx, String name, PolicyHolder policy, SamplerMeters meters) {
    this.ctx = ctx;
    this.policy = policy;
    this.meters = meters;
    this.thread = new ComputeThread("sampler-" + name);
  }

  /** Lets the version that waits take over; {@link TookOver} follows. */
  void takeOver() {
    ctx.pipeToSelf(
        thread.run(policy::takeOver),
        (version, failure) -> new TookOver(version == null ? null : version.orElse(null), failure));
  }

  /** Writes a batch; {@link Written} follows. */
  void write(Grant grant) {
    ctx.pipeToSelf(
        thread.run(() -> rollouts(grant)),
        (rollouts, failure) ->
            new Written(grant, rollouts == null ? List.of() : rollouts, failure));
  }

  /** Whether there is something to deliver; a batch that failed is the lease's to bring back. */
  boolean onWritten(Written message) {
    if (message.failure() != null) {
      ctx.getLog()
          .warn("batch [{}] could not be written", message.grant().batchId(), message.failure());
      return false;
    }
    meters.rollouts.increment(message.rollouts().size());
    message.rollouts().forEach(rollout -> meters.tokens.increment(rollout.response().length()));
    return true;
  }

  /** When what is being written is written. */
  @Override
  public void close() {
    thread.closeAfter(policy::close);
  }

  private List<Rollout> rollouts(Grant grant) {
    long start = System.nanoTime();
    List<Rollout> rollouts = policy.write(grant.purpose(), grant.prompts(), grant.responses());
    meters.generation.record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
    return rollouts;
  }
}
