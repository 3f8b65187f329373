package plaudit.simulation;

import java.util.List;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.actor.LabelStore.AskReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/**
 * What is asked in the simulation: the messages of the protocols with a {@link SimulatedNode} where
 * the real ones have an actor reference. Answers are the real records.
 */
final class Say {

  private Say() {}

  record Borrow(SimulatedNode from, long loadedVersion) {}

  record Offer(SimulatedNode from, long batchId, List<Trajectory> trajectories) {}

  record Asked(SimulatedNode from, long batchId, int comparisons) {}

  record TakeBatch(SimulatedNode from, long version) {}

  record Checkpointed(long version) {}

  record GetStatus(SimulatedNode from) {}

  record Publish(SimulatedNode from, Snapshot snapshot) {}

  record Follow(SimulatedNode from, Model model) {}

  record Score(SimulatedNode from, long batchId, Purpose purpose, List<Rollout> rollouts) {}

  record Ask(SimulatedNode from, long batchId, List<Comparison> comparisons) {}

  /** The answer to {@link Ask}; the real one comes through a reference made for the question. */
  record Stored(long batchId, AskReply reply) {}

  record TakeLabels(SimulatedNode from, long after) {}

  /** The buffer hears that a sampler's life is over. */
  record Gone(String holder) {}

  record TakeTask(SimulatedNode from) {}

  record Task(Comparison comparison) {}

  record Judge(SimulatedNode from, String comparisonId, Choice choice) {}

  record Amend(SimulatedNode from, String comparisonId, Choice choice) {}

  record Flag(SimulatedNode from, String comparisonId) {}

  record GetStopReason(SimulatedNode from) {}

  /** The learner's role says that a labeler has stopped the run, or that it goes on. */
  record Held(boolean held) {}

  static final Held HOLD = new Held(true);

  static final Held GO_ON = new Held(false);

  /** A judgment is on the disk. */
  record Judged(String comparisonId) {}
}
