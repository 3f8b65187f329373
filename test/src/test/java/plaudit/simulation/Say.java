package plaudit.simulation;

import java.util.List;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.LabelStore.AskReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/**
 * What is asked in the simulation: the messages of the protocols with a {@link Node} where the real
 * ones have an actor reference. Answers are the real records.
 */
final class Say {

  private Say() {}

  record Borrow(Node from, long loadedVersion) {}

  record Offer(Node from, long batchId, List<Trajectory> trajectories) {}

  record Asked(Node from, long batchId, int comparisons) {}

  record TakeBatch(Node from, long version) {}

  record Checkpointed(long version) {}

  record GetStatus(Node from) {}

  record Publish(Node from, Snapshot snapshot) {}

  record Follow(Node from, Model model) {}

  record Score(Node from, long batchId, Purpose purpose, List<Rollout> rollouts) {}

  record Ask(Node from, long batchId, List<Comparison> comparisons) {}

  /** The answer to {@link Ask}; the real one comes through a reference made for the question. */
  record Stored(long batchId, AskReply reply) {}

  record TakeLabels(Node from, long after) {}

  /** The buffer hears that a sampler's life is over. */
  record Gone(String holder) {}

  record TakeTask(Node from) {}

  record Task(Comparison comparison) {}

  record Judge(Node from, String comparisonId, Choice choice) {}

  record Amend(Node from, String comparisonId, Choice choice) {}

  record Flag(Node from, String comparisonId) {}

  /** A judgment is on the disk. */
  record Judged(String comparisonId) {}
}
