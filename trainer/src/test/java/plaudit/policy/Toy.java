package plaudit.policy;

import com.typesafe.config.ConfigFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ScalarHead;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.MicroBatch;
import plaudit.sampling.Generation;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** A tiny policy that is paid for writing one token; {@link ToyGame} plays with it. */
public final class Toy {

  public static final Compute CPU = Compute.cpu(1);
  public static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 16, 11);
  public static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 4, 0.7f, TruncationRule.NONE, true);
  public static final int BATCH = 32;

  private static final int PAID = 3;

  private Toy() {}

  /**
   * The defaults with other values under {@code plaudit.policy}, one {@code key = value} a line.
   */
  public static PolicySettings settings(String... lines) {
    String hocon = "plaudit.policy {\n" + String.join("\n", lines) + "\n}";
    return PolicySettings.from(
        ConfigFactory.parseString(hocon).withFallback(ConfigFactory.defaultReference()));
  }

  public static PolicySettings settings(
      int epochs, int updates, double learningRate, String... lines) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "batch = " + BATCH,
                "epochs = " + epochs,
                "updates = " + updates,
                "checkpoint-every = 1",
                "learning-rate = " + learningRate,
                "schedule = constant",
                "kl.beta = 0.05",
                "tripwires.entropy-share = 0"));
    all.addAll(List.of(lines));
    return settings(all.toArray(String[]::new));
  }

  /** The reference's weights, trainable. */
  public static Weights weights() {
    return FreshWeights.of(CONFIG, 11, CPU);
  }

  /** Weights as a learner with adapters takes them; closes {@code weights}. */
  public static Weights frozen(Weights weights) {
    try (weights) {
      return Weights.read(
          weights.specs(), spec -> weights.copy(weights.specs().indexOf(spec)), false, CPU);
    }
  }

  /** Trainable weights far from all symmetry: deviation 0.3, head included. */
  public static Weights random(long seed) {
    Random random = new Random(seed);
    return Weights.read(
        ScalarHead.VALUE.appendTo(Layout.of(CONFIG)),
        spec -> {
          ByteBuffer bytes =
              ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
                  .order(ByteOrder.LITTLE_ENDIAN);
          for (long i = 0; i < spec.size(); i++) {
            boolean gain = spec.name().matches(".*ln_\\w+\\.weight");
            bytes.putFloat((float) ((gain ? 1 : 0) + 0.3 * random.nextGaussian()));
          }
          return bytes.flip();
        },
        true,
        CPU);
  }

  /** A response of which nothing is known but its tokens. */
  static Rollout rollout(Tokens query, Tokens response) {
    PerToken zeros = PerToken.of(new float[response.length()]);
    return new Rollout(1, 0, query, response, zeros, zeros, 0);
  }

  /** What a sampler and a scorer make of the policy {@code weights}, which they own. */
  public static List<Trajectory> batch(Weights weights, long version) {
    List<Prompt> prompts =
        LongStream.range(0, BATCH)
            .mapToObj(i -> new Prompt(version * BATCH + i, Tokens.of((int) i % 7, 1)))
            .toList();
    return batch(CONFIG, TASK, weights, weights(), version, prompts);
  }

  /** So many trajectories of a fresh model, which is its own reference. */
  static List<Trajectory> batch(ModelConfig config, Task task, int size) {
    List<Prompt> prompts =
        IntStream.range(0, size)
            .mapToObj(i -> new Prompt(i, Tokens.of(i, i + 1, i + 2, i + 3)))
            .toList();
    Weights policy = FreshWeights.of(config, 11, CPU);
    return batch(config, task, policy, FreshWeights.of(config, 11, CPU), 0, prompts);
  }

  private static List<Trajectory> batch(
      ModelConfig config,
      Task task,
      Weights weights,
      Weights referenceWeights,
      long version,
      List<Prompt> prompts) {
    List<Trajectory> batch = new ArrayList<>();
    try (TorchNet policy = TorchNet.of(config, weights, CPU);
        TorchNet reference = TorchNet.of(config, referenceWeights, CPU)) {
      List<Rollout> rollouts = new Generation(task, 5).rollouts(policy, version, prompts, 1);
      float[][] logprobs =
          reference
              .score(
                  rollouts.stream().map(Rollout::query).toList(),
                  rollouts.stream().map(Rollout::response).toList(),
                  task.temperature())
              .logprobs();
      for (int i = 0; i < rollouts.size(); i++) {
        float score = rollouts.get(i).response().stream().filter(id -> id == PAID).count();
        batch.add(new Trajectory(rollouts.get(i), PerToken.of(logprobs[i]), score, true, 0));
      }
    }
    return batch;
  }

  /** Optimizers that have taken no step, for {@link #learn}. */
  static List<Adam> optimizers(PolicyNets nets) {
    return nets.all().stream().map(net -> Adam.fresh(net, AdamSettings.paper())).toList();
  }

  /** One update of some networks at {@code version}, with a KL coefficient of 0.1. */
  static UpdateReport learn(
      PolicySettings settings,
      Task task,
      PolicyNets nets,
      List<Adam> optimizers,
      int microBatch,
      long version,
      List<Trajectory> batch) {
    PolicyState initial = PolicyState.initial(settings);
    PolicyState state =
        new PolicyState(
            version, new KlController.Fixed(0.1), initial.tripwires(), initial.verdict());
    SnapshotFiles none = SnapshotFiles.in(Path.of("not written"));
    return new PolicyTrainer(
            settings, task, none, nets, optimizers, state, MicroBatch.ofRows(microBatch), 1)
        .learn(batch);
  }

  static List<float[]> numbers(Weights weights) {
    return weights.arrays().stream().map(array -> array.toFloatArray()).toList();
  }
}
