package plaudit.lab.bench;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;
import plaudit.policy.PolicySettings;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.UpdateEngine;
import plaudit.policy.UpdateReport;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/**
 * Takes as long as an update takes and learns nothing, so that the real policy learner can be
 * measured without a model.
 */
final class DelayUpdateEngine implements UpdateEngine {

  private final Duration update;
  private final ThroughputRecorder recorder;
  private final Timings timings;
  private final Runnable enough;
  private final @Nullable FleetWeights weights;
  private boolean recorded;
  private long version;

  /**
   * An engine.
   *
   * @param update how long one takes, publishing included
   * @param recorder belongs to this engine until {@code enough} is called, once
   * @param weights where versions are written; without, snapshots have none
   */
  DelayUpdateEngine(
      Duration update,
      ThroughputRecorder recorder,
      Timings timings,
      Runnable enough,
      @Nullable FleetWeights weights) {
    this.weights = weights;
    this.update = update;
    this.recorder = recorder;
    this.timings = timings;
    this.enough = enough;
  }

  /** Settings of a learner that goes on for ever and makes no checkpoints. */
  static PolicySettings settings(int batch) {
    Config endless =
        ConfigFactory.parseString(
            """
            plaudit.policy {
              batch = %d, minibatches = 1, allow-small-minibatches = on, kl.adaptive = off
              updates = %d, checkpoint-every = %2$d
            }
            """
                .formatted(batch, Integer.MAX_VALUE));
    return PolicySettings.from(endless.withFallback(ConfigFactory.defaultReference()));
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public Verdict verdict() {
    return new Verdict.GoOn();
  }

  @Override
  public UpdateReport learn(List<Trajectory> batch, OptionalDouble validationWinRate) {
    Timings.Watch watch = timings.start(Timings.Stage.UPDATE, 1);
    try {
      Thread.sleep(update.toMillis(), update.toNanosPart() % 1_000_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.stop();
    if (!recorded && recorder.add(System.nanoTime() / 1e9, new Batch(version, batch))) {
      recorded = true;
      enough.run();
    }
    version++;
    return new UpdateReport(version, Map.of());
  }

  @Override
  public Snapshot publish() {
    return weights == null ? Payload.snapshot(Model.POLICY, version) : weights.publish(version);
  }

  @Override
  public void prune(int kept) {
    if (weights != null) {
      weights.prune(kept);
    }
  }

  @Override
  public void checkpoint(Path directory) {}

  @Override
  public void close() {}
}
