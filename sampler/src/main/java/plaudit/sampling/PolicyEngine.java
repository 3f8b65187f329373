package plaudit.sampling;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.snapshots.Snapshot;

/**
 * The policy of one sampler: loads versions and writes responses. Two threads call, one of them
 * {@link #fetch} and {@link #load}, the other {@link #takeOver} and {@link #write}; {@link #close}
 * comes after both.
 */
public interface PolicyEngine extends AutoCloseable {

  /**
   * A policy version that is loaded, or is to be.
   *
   * @param heard when the sampler heard of it
   * @param inFlight whether it may take over between two tokens, and not only between two batches
   */
  record Candidate(Snapshot snapshot, Instant heard, boolean inFlight) {
    public long version() {
      return snapshot.version();
    }
  }

  /** Brings the file of a version to this machine. */
  void fetch(Snapshot snapshot);

  /**
   * Reads a version and checks it. If it passes, it is the one that takes over next; a version that
   * waited to do so is dropped in any case, so that at most two sets of weights are in memory.
   *
   * @param most the largest difference in nats with which it may be used
   * @return the largest difference from the learner's log-probabilities on the probes, in nats
   */
  double load(Candidate candidate, double most);

  /** Between two batches: writes with the version that waits from now on, if there is one. */
  Optional<Candidate> takeOver();

  /**
   * Writes {@code responses} responses to each prompt. For a validation question half of them are
   * the frozen reference's, and for any question there are more rounds where people could not be
   * shown enough of them.
   *
   * @param onSwap told, on the calling thread, of each version that takes over between two tokens
   * @return responses in any order
   */
  List<Rollout> write(
      Purpose purpose, List<Prompt> prompts, int responses, Consumer<Candidate> onSwap);

  @Override
  void close();
}
