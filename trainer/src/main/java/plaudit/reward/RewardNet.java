package plaudit.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TokenBatch;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.tokens.Tokens;

/**
 * A reward model whose weights change: trunk, head, and the gain and bias of its scale, all of them
 * trained (paper 1.3). One thread at a time.
 */
public final class RewardNet implements AutoCloseable {

  private final Network net;
  private final Adam optimizer;
  private final MicroBatch microBatch;

  private RewardNet(Adam optimizer, MicroBatch microBatch) {
    this.net = optimizer.network();
    this.optimizer = optimizer;
    this.microBatch = microBatch;
  }

  /**
   * The reference with a fresh head: weights normal with deviation 1/sqrt(d + 1), bias 0; gain 1
   * and bias 0 (paper 3.3, R2).
   *
   * @param reference the language model's weights by tensor
   * @param microBatch what one pass takes; whole rows
   */
  public static RewardNet fresh(
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> reference,
      Random random,
      AdamSettings adam,
      Compute compute,
      MicroBatch microBatch) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Layout.of(config)));
    specs.addAll(RewardFile.SCALE);
    double deviation = 1 / Math.sqrt(config.width() + 1.0);
    Weights weights =
        Weights.read(
            specs,
            spec -> {
              boolean added = ScalarHead.REWARD.owns(spec) || RewardFile.SCALE.contains(spec);
              return added ? added(spec, deviation, random) : reference.apply(spec);
            },
            true,
            compute);
    return new RewardNet(
        Adam.fresh(Network.of(config, Losses.REWARD, weights, compute), adam), microBatch);
  }

  private static ByteBuffer added(TensorSpec spec, double deviation, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(
          spec.name().equals(ScalarHead.REWARD.weightName())
              ? (float) (deviation * random.nextGaussian())
              : spec.equals(RewardFile.SCALE.get(0)) ? 1 : 0);
    }
    return bytes.flip();
  }

  /** The head's output on each sequence, before gain and bias. */
  public float[] raw(List<Tokens> sequences) {
    float[] raw = new float[sequences.size()];
    for (List<Integer> part : microBatch.parts(sequences, 1, Tokens::length, it -> 0)) {
      try (NDManager scope = net.scope()) {
        NDArray ids = ids(scope, part.stream().map(sequences::get).toList());
        float[] own = net.infer("reward", scope, ids).get(0).toFloatArray();
        for (int i = 0; i < own.length; i++) {
          raw[part.get(i)] = own[i];
        }
      }
    }
    return raw;
  }

  /** Gain and bias as they are now. */
  public RewardScale scale() {
    int last = weights().specs().size() - 1;
    return new RewardScale(
        weights().arrays().get(last - 1).getFloat(), weights().arrays().get(last).getFloat());
  }

  /** Replaces gain and bias. */
  public void scale(RewardScale scale) {
    int last = weights().specs().size() - 1;
    net.set(last - 1, (float) scale.gain());
    net.set(last, (float) scale.bias());
  }

  /** The weights in their order, the scale last; owned by this object. */
  public Weights weights() {
    return net.weights();
  }

  /**
   * Loss and rewards of a step's rows, before the step.
   *
   * @param loss mean over the rows
   * @param rewards of each row's responses
   */
  record Before(double loss, List<float[]> rewards) {}

  /** One optimizer step on rows of equally many responses. */
  Before learn(List<RewardExample> rows, RewardSettings settings, double learningRate) {
    double sum = 0;
    float[][] rewards = new float[rows.size()][];
    int responses = rows.get(0).responses();
    for (List<Integer> part : microBatch.parts(rows, responses, RewardNet::longest, it -> 0)) {
      List<RewardExample> some = part.stream().map(rows::get).toList();
      Before before = backward(some, settings, (float) some.size() / rows.size());
      sum += before.loss();
      for (int i = 0; i < part.size(); i++) {
        rewards[part.get(i)] = before.rewards().get(i);
      }
    }
    optimizer.step(learningRate);
    return new Before(sum, List.of(rewards));
  }

  private static int longest(RewardExample row) {
    return row.sequences().stream().mapToInt(Tokens::length).max().orElse(0);
  }

  private Before backward(List<RewardExample> rows, RewardSettings settings, float share) {
    RewardLoss loss = settings.loss();
    int responses = rows.get(0).responses();
    try (NDManager scope = net.scope()) {
      NDArray ids = ids(scope, rows.stream().flatMap(row -> row.sequences().stream()).toList());
      NDArray target =
          scope.create(flat(rows, loss), new Shape(loss.shape(rows.size(), responses)));
      NDArray parameters = scope.create(new float[] {share, (float) settings.centering()});
      NDList out = net.backward(loss.method(), scope, ids, target, parameters);
      float[] all = out.get(1).toFloatArray();
      List<float[]> rewards = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        rewards.add(Arrays.copyOfRange(all, i * responses, (i + 1) * responses));
      }
      return new Before(out.get(0).getFloat(), rewards);
    }
  }

  private static float[] flat(List<RewardExample> rows, RewardLoss loss) {
    List<float[]> numbers = rows.stream().map(loss::numbers).toList();
    float[] flat = new float[numbers.stream().mapToInt(each -> each.length).sum()];
    int at = 0;
    for (float[] each : numbers) {
      System.arraycopy(each, 0, flat, at, each.length);
      at += each.length;
    }
    return flat;
  }

  private static NDArray ids(NDManager scope, List<Tokens> sequences) {
    TokenBatch batch = TokenBatch.leftAligned(sequences);
    return scope.create(batch.ids(), new Shape(batch.rows(), batch.columns()));
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
