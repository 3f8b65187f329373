package plaudit.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import plaudit.experience.Tokens;
import plaudit.labels.Choice;
import plaudit.labels.Label;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TokenBatch;
import plaudit.model.Weights;
import plaudit.optim.TrainedNet;
import plaudit.policy.Schedule;
import plaudit.sampling.Task;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * Trains a reward model from people's choices (paper 1.2, 1.3): from the reference's weights and a
 * fresh random head every time, normalised on reference samples before and after, one pass over all
 * labels so far, minus the log-softmax of the chosen response among those shown.
 */
public final class RewardTrainer {

  private static final int SEQUENCES_AT_ONCE = 64;

  private final RewardSettings settings;
  private final ModelConfig config;
  private final Task task;
  private final Function<TensorSpec, ByteBuffer> reference;
  private final ReferenceSamples samples;
  private final SnapshotFiles files;
  private final Compute compute;
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
      long seed) {
    this.settings = settings;
    this.config = config;
    this.task = task;
    this.reference = reference;
    this.samples = samples;
    this.files = files;
    this.compute = compute;
    this.seed = seed;
  }

  /** A training's result: the published file and what it was like. */
  public record Trained(Snapshot snapshot, RewardReport report) {}

  /**
   * Trains version {@code version} on {@code labels}; those without a preference are left out.
   *
   * @param labels in the store's order
   */
  public Trained train(long version, List<Label> labels) {
    long start = System.nanoTime();
    LabelSplit.Sides sides = settings.split().split(labels);
    List<Row> rows = rows(sides.training());
    try (TrainedNet net = start(version)) {
      if (settings.normaliseBefore()) {
        setScale(net, measure(net));
      }
      Progress progress = new Progress(rows.size());
      learn(net, rows, version, progress);
      setScale(net, measure(net));
      Agreement heldOut = agreement(net, rows(sides.heldOut()));
      Snapshot snapshot = write(net, version);
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Trained(
          snapshot,
          new RewardReport(
              version,
              rows.size(),
              progress.first(),
              progress.last(),
              progress.agreement,
              heldOut,
              seconds));
    }
  }

  /** One label as the model sees it. */
  private record Row(List<Tokens> sequences, int best) {}

  private List<Row> rows(List<Label> labels) {
    List<Row> rows = new ArrayList<>();
    for (Label label : labels) {
      if (label.judgment().choice() instanceof Choice.Best best) {
        Tokens query = label.comparison().query();
        rows.add(
            new Row(
                label.comparison().samples().stream()
                    .map(sample -> task.judged(query, sample.response()))
                    .toList(),
                best.index()));
      }
    }
    return rows;
  }

  private TrainedNet start(long version) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Gpt2Layout.of(config)));
    specs.addAll(RewardFile.SCALE);
    Random random = new Random(seed + 31 * version);
    Weights weights =
        Weights.read(
            specs,
            spec -> {
              boolean added = ScalarHead.REWARD.owns(spec) || RewardFile.SCALE.contains(spec);
              return added ? head(spec, random) : reference.apply(spec);
            },
            true,
            compute);
    return TrainedNet.fresh(config, weights, settings.adam(), compute);
  }

  /** Weight normal with deviation 1/sqrt(d + 1), bias 0; gain 1 (paper 3.3, R2). */
  private ByteBuffer head(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    double deviation = 1 / Math.sqrt(config.width() + 1.0);
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(
          spec.name().equals(ScalarHead.REWARD.weightName())
              ? (float) (deviation * random.nextGaussian())
              : spec.equals(RewardFile.SCALE.get(0)) ? 1 : 0);
    }
    return bytes.flip();
  }

  private void learn(TrainedNet net, List<Row> rows, long version, Progress progress) {
    Random random = new Random(seed ^ (version * 0x9E3779B97F4A7C15L));
    Schedule schedule = settings.schedule(Math.max(1, (long) rows.size() * settings.epochs()));
    long seen = 0;
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      for (List<Row> batch : batches(rows, random)) {
        step(net, batch, progress);
        net.step(schedule.at(seen));
        seen += batch.size();
      }
    }
  }

  /** Batches of equally many responses a row, shuffled. */
  private List<List<Row>> batches(List<Row> rows, Random random) {
    List<Row> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, random);
    Map<Integer, List<Row>> open = new LinkedHashMap<>();
    List<List<Row>> batches = new ArrayList<>();
    for (Row row : shuffled) {
      List<Row> batch = open.computeIfAbsent(row.sequences().size(), n -> new ArrayList<>());
      batch.add(row);
      if (batch.size() == settings.batch()) {
        batches.add(batch);
        open.remove(row.sequences().size());
      }
    }
    batches.addAll(open.values());
    return batches;
  }

  private void step(TrainedNet net, List<Row> batch, Progress progress) {
    int responses = batch.get(0).sequences().size();
    int rowsAtOnce = Math.max(1, SEQUENCES_AT_ONCE / responses);
    for (int from = 0; from < batch.size(); from += rowsAtOnce) {
      List<Row> part = batch.subList(from, Math.min(from + rowsAtOnce, batch.size()));
      float share = (float) part.size() / batch.size();
      try (NDManager scope = net.scope()) {
        NDArray ids = ids(scope, part.stream().flatMap(row -> row.sequences().stream()).toList());
        NDArray best = scope.create(part.stream().mapToLong(Row::best).toArray());
        NDList out =
            net.backward("preference_loss", scope, ids, best, scope.create(new float[] {share}));
        progress.add(out.get(0).getFloat() / share, out.get(1).toFloatArray(), part);
      }
    }
  }

  private Agreement agreement(TrainedNet net, List<Row> rows) {
    Agreement agreement = Agreement.NONE;
    for (Row row : rows) {
      agreement = agreement.and(raw(net, row.sequences()), row.best());
    }
    return agreement;
  }

  private RewardScale measure(TrainedNet net) {
    setScale(net, RewardScale.IDENTITY);
    return RewardScale.normalising(raw(net, samples.sequences()));
  }

  private float[] raw(TrainedNet net, List<Tokens> sequences) {
    float[] raw = new float[sequences.size()];
    for (int from = 0; from < raw.length; from += SEQUENCES_AT_ONCE) {
      int to = Math.min(from + SEQUENCES_AT_ONCE, raw.length);
      try (NDManager scope = net.scope()) {
        NDArray ids = ids(scope, sequences.subList(from, to));
        float[] part = net.infer("reward", scope, ids).get(0).toFloatArray();
        System.arraycopy(part, 0, raw, from, part.length);
      }
    }
    return raw;
  }

  private static void setScale(TrainedNet net, RewardScale scale) {
    int last = net.weights().specs().size() - 1;
    net.set(last - 1, (float) scale.gain());
    net.set(last, (float) scale.bias());
  }

  private Snapshot write(TrainedNet net, long version) {
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

  private static NDArray ids(NDManager scope, List<Tokens> sequences) {
    TokenBatch batch = TokenBatch.leftAligned(sequences);
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  /** Losses at both ends of the pass, and agreement before learning. */
  private static final class Progress {
    private final int tenth;
    private final List<Double> losses = new ArrayList<>();
    private Agreement agreement = Agreement.NONE;

    Progress(int rows) {
      this.tenth = Math.max(1, rows / 10);
    }

    void add(double loss, float[] rewards, List<Row> rows) {
      int responses = rewards.length / rows.size();
      for (int i = 0; i < rows.size(); i++) {
        losses.add(loss);
        float[] own = java.util.Arrays.copyOfRange(rewards, i * responses, (i + 1) * responses);
        agreement = agreement.and(own, rows.get(i).best());
      }
    }

    double first() {
      return losses.stream().limit(tenth).mapToDouble(x -> x).average().orElse(Double.NaN);
    }

    double last() {
      return losses.stream()
          .skip(Math.max(0, losses.size() - tenth))
          .mapToDouble(x -> x)
          .average()
          .orElse(Double.NaN);
    }
  }
}
