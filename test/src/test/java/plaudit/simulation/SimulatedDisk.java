package plaudit.simulation;

import java.net.URI;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** What outlives a process: weights, checkpoints, what was published. Labels have their own. */
final class SimulatedDisk {

  private static final URI SOMEWHERE = URI.create("file:/weights");

  private final Map<Model, Snapshot> published = new EnumMap<>(Model.class);
  private final TreeMap<Long, Snapshot> checkpoints = new TreeMap<>();
  private final Map<String, Snapshot> byDigest = new HashMap<>();
  private final Map<String, Batch> batches = new HashMap<>();
  private @Nullable Snapshot newestReward;

  /**
   * Weights, and what they were learned from.
   *
   * @param digest what makes them these weights
   */
  Snapshot write(Model model, long version, long digest, @Nullable Batch batch) {
    String hex = "%016x".formatted(digest);
    Snapshot snapshot =
        new Snapshot(model, version, version - 1, SOMEWHERE, 1, hex.repeat(4), List.of());
    if (batch != null) {
      batches.put(snapshot.sha256(), batch);
    }
    if (model == Model.REWARD) {
      newestReward = snapshot;
    }
    return snapshot;
  }

  void checkpoint(Snapshot snapshot) {
    checkpoints.put(snapshot.version(), snapshot);
    byDigest.put(snapshot.sha256(), snapshot);
  }

  private Optional<Snapshot> newestCheckpoint() {
    return checkpoints.isEmpty()
        ? Optional.empty()
        : Optional.of(checkpoints.lastEntry().getValue());
  }

  /**
   * Where a learner goes on while the others live: at the checkpoint of what is published. A newer
   * one may be that of a learner that was refused.
   */
  @Nullable Snapshot publishedCheckpoint() {
    Snapshot newest = published.get(Model.POLICY);
    return newest == null ? null : byDigest.get(newest.sha256());
  }

  /** What a policy was learned from; none for the first. */
  Optional<Batch> learnedFrom(Snapshot policy) {
    return Optional.ofNullable(batches.get(policy.sha256()));
  }

  void published(Snapshot snapshot) {
    published.put(snapshot.model(), snapshot);
  }

  /** The newest published snapshots. */
  Map<Model, Snapshot> published() {
    return published;
  }

  /** After all processes have died the run goes on from its newest checkpoint and reward model. */
  void rollBack() {
    newestCheckpoint()
        .ifPresentOrElse(
            checkpoint -> published.put(Model.POLICY, checkpoint),
            () -> published.remove(Model.POLICY));
    if (newestReward != null) {
      published.put(Model.REWARD, newestReward);
    }
  }
}
