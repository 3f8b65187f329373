package plaudit.reward;

import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Label;
import plaudit.model.Compute;
import plaudit.model.ModelConfig;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.optim.MicroBatch;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.stats.Agreement;
import plaudit.task.Task;
import plaudit.training.TrainingObserver;
import plaudit.training.TrainingObserver.RewardReport;

/**
 * Trains a reward model from people's choices (paper 1.2, 1.3): from the reference's weights and a
 * fresh random head every time, normalised on reference samples before and after, one pass over all
 * labels so far.
 */
public final class RewardTrainer {

  private static final Logger LOG = LoggerFactory.getLogger(RewardTrainer.class);

  /** Between the seeds of two attempts. */
  private static final long OTHER_ATTEMPT = 0x5DEECE66DL;

  private final RewardSettings settings;
  private final ModelConfig config;
  private final Task task;
  private final Function<TensorSpec, ByteBuffer> reference;
  private final ReferenceSamples samples;
  private final SnapshotFiles files;
  private final Compute compute;
  private final MicroBatch microBatch;
  private final long seed;

  /**
   * A trainer.
   *
   * @param reference the reference's weights by tensor
   * @param samples what the scale is measured on
   */
  public RewardTrainer(
      RewardSettings settings,
      ModelConfig config,
      Task task,
      Function<TensorSpec, ByteBuffer> reference,
      ReferenceSamples samples,
      SnapshotFiles files,
      Compute compute,
      MicroBatch microBatch,
      long seed) {
    this.settings = settings.forChoices();
    this.config = config;
    this.task = task;
    this.reference = reference;
    this.samples = samples;
    this.files = files;
    this.compute = compute;
    this.microBatch = microBatch;
    this.seed = seed;
  }

  /** A training's result: the published file and what it was like. */
  public record Trained(Snapshot snapshot, RewardReport report) {}

  /** A training that is not followed. */
  public Trained train(long version, List<Label> labels) {
    return train(version, labels, TrainingObserver.NONE);
  }

  /**
   * Trains version {@code version} on {@code labels}; those without a preference are left out. A
   * model that is no better than chance is trained again, from another head and in another order,
   * as often as the settings allow: the first that is better is published, else the last.
   *
   * @param labels in the store's order
   * @param observer told each step
   */
  public Trained train(long version, List<Label> labels, TrainingObserver observer) {
    long start = System.nanoTime();
    LabelSplit.Sides sides = settings.split().split(labels);
    List<RewardExample> training = examples(sides.training());
    List<RewardExample> heldOut = examples(sides.heldOut());
    for (int attempt = 1; ; attempt++) {
      long own = seed + OTHER_ATTEMPT * (attempt - 1);
      Random shuffle = new Random(own ^ (version * 0x9E3779B97F4A7C15L));
      Random head = new Random(own + 31 * version);
      try (RewardNet net =
          RewardNet.fresh(config, reference, head, settings.adam(), compute, microBatch)) {
        RewardTraining.Outcome outcome =
            new RewardTraining(settings, training, samples, shuffle, observer).run(net);
        RewardReport report =
            new RewardReport(
                version,
                training.size(),
                outcome.firstLoss(),
                outcome.lastLoss(),
                outcome.agreement(),
                agreement(net, heldOut),
                heldOut.stream().mapToDouble(row -> 1.0 / row.responses()).average().orElse(0),
                (System.nanoTime() - start) / 1e9);
        Optional<String> doubt = report.doubt();
        if (doubt.isEmpty() || attempt == settings.attempts()) {
          return new Trained(write(net, version), report);
        }
        LOG.warn(
            "{}; it is trained again, [{}] of [{}]", doubt.get(), attempt + 1, settings.attempts());
      }
    }
  }

  /** Labels as the model sees them: without the task's prefix and suffix (paper X1). */
  List<RewardExample> examples(List<Label> labels) {
    List<RewardExample> examples = new ArrayList<>();
    for (Label label : labels) {
      Comparison comparison = label.comparison();
      if (label.judgment().choice() instanceof Choice.Best best) {
        examples.add(
            new RewardExample(
                comparison.samples().stream()
                    .map(sample -> task.judged(comparison.query(), sample.response()))
                    .toList(),
                Target.Best.only(best.index())));
      }
    }
    return examples;
  }

  private static Agreement agreement(RewardNet net, List<RewardExample> examples) {
    Agreement agreement = Agreement.NONE;
    for (RewardExample example : examples) {
      agreement = example.countIn(agreement, net.raw(example.sequences()));
    }
    return agreement;
  }

  private Snapshot write(RewardNet net, long version) {
    return files.write(
        Model.REWARD,
        version,
        version - 1,
        List.of(),
        out ->
            SnapshotWeights.write(
                Channels.newChannel(out),
                Map.of("version", Long.toString(version)),
                List.of(net.weights())));
  }
}
