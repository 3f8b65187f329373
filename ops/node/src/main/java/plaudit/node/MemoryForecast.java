package plaudit.node;

import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.Config;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Precision;
import plaudit.model.TensorSpec;
import plaudit.node.config.Role;
import plaudit.optim.MicroBatch;
import plaudit.policy.AlgorithmSettings.Lora;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicySettings;
import plaudit.rewards.SourceSettings;
import plaudit.sampling.SamplerSettings;
import plaudit.scoring.ScorerSettings;

/**
 * The peak of a node's memory, foretold from settings and the model's shape. Weights, gradients and
 * moments are exact; what a pass needs besides is estimated from the layers' sizes. {@code plaudit
 * plan --memory --measure} compares it with what a process took.
 *
 * @param parts what needs how much
 */
public record MemoryForecast(List<Part> parts) {

  private static final double MIB = 1 << 20;

  /** The JVM with its heap, and libtorch, without any tensor. */
  private static final double PROCESS = 700 * MIB;

  /** Logits of a response's token, what they are made into, and the gradients of both. */
  private static final int LOGITS_LEARNING = 5;

  /** The same without gradients. */
  private static final int LOGITS_SCORING = 3;

  /**
   * One of the parts.
   *
   * @param what for people
   * @param bytes at the peak
   */
  public record Part(String what, double bytes) {}

  /** The sizes of a model, in bytes of F32. */
  private record Shape(ModelConfig model, double weights, double matrices, double embedding) {

    static Shape of(ModelConfig model) {
      List<TensorSpec> specs = Layout.of(model);
      return new Shape(
          model,
          4.0 * specs.stream().mapToLong(TensorSpec::size).sum(),
          4.0 * specs.stream().filter(Layout::isLayerMatrix).mapToLong(TensorSpec::size).sum(),
          4.0 * model.vocabulary() * model.width());
    }

    /** Of a model that samples or scores. */
    double resident(Precision precision) {
      double head = model.tiedHead() ? embedding : 0;
      return switch (precision) {
        case EXACT -> weights;
        case FP32, AUTO -> weights + head;
        case BF16 -> weights - (matrices + (model.tiedHead() ? 0 : embedding)) / 2 + head / 2;
      };
    }

    /** What backward reads of a token again, in all layers. */
    double activations() {
      double attended =
          (model.heads() + 2.0 * model.attention().keyHeads()) * model.headWidth()
              + 2.0 * model.heads() * model.headWidth();
      return 4.0 * model.layers() * (attended + 4.0 * model.width() + 2.0 * model.innerWidth());
    }

    /** A response's token, so many times over the vocabulary. */
    double logits(int times) {
      return 4.0 * times * model.vocabulary();
    }
  }

  /** What a node with these roles needs. */
  public static MemoryForecast of(Config config, ModelConfig model, Set<Role> roles) {
    Shape shape = Shape.of(model);
    int response = config.getInt("plaudit.task.response-length");
    int length = Math.min(model.context(), config.getInt("plaudit.task.query-length") + response);
    boolean people = SourceSettings.from(config).asksPeople();
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("process", PROCESS));
    if (roles.contains(Role.LEARNER) || roles.contains(Role.HELPER)) {
      policy(parts, config, shape, length, response);
    }
    if (roles.contains(Role.LEARNER) && people) {
      LearnerSettings learner = LearnerSettings.from(config, "plaudit.learner.reward");
      learner(parts, "reward learner", learner, shape, shape.weights(), 0, length, 0, 64);
    }
    Compute sampler = SamplerSettings.from(config).compute();
    if (roles.contains(Role.SAMPLER) && sampler.device().equals("cpu")) {
      Precision precision = sampler.precision();
      parts.add(new Part("sampler: two versions of the policy", 2 * shape.resident(precision)));
      parts.add(new Part("sampler: a version's file, mapped", shape.weights()));
      int rows = config.getInt("plaudit.experience.grant-prompts");
      double cache =
          8.0 * model.layers() * model.attention().keyHeads() * model.headWidth() * rows * length;
      parts.add(new Part("sampler: cache and logits", cache + rows * shape.logits(8)));
    }
    Compute scorer = ScorerSettings.from(config).compute();
    if (roles.contains(Role.SCORER) && scorer.device().equals("cpu")) {
      double resident = shape.resident(scorer.precision());
      parts.add(new Part("scorer: reference", resident));
      parts.add(new Part("scorer: reward model", people ? resident : 0));
      int rows = config.getInt("plaudit.experience.grant-prompts");
      parts.add(
          new Part(
              "scorer: a pass",
              rows * response * shape.logits(LOGITS_SCORING)
                  + rows * length * shape.activations() / model.layers()));
    }
    return new MemoryForecast(parts.stream().filter(part -> part.bytes() > 0).toList());
  }

  private static void policy(
      List<Part> parts, Config config, Shape shape, int length, int response) {
    PolicySettings settings = PolicySettings.from(config);
    LearnerSettings learner = LearnerSettings.from(config, "plaudit.learner.policy");
    Lora lora = settings.algorithm().lora();
    double trained =
        lora.on()
            ? 4.0 * lora.of(shape.model()).trained().stream().mapToLong(TensorSpec::size).sum()
            : shape.weights();
    int rows = settings.batch() / settings.minibatches();
    double frozen = lora.on() ? shape.weights() : 0;
    learner(parts, "policy learner", learner, shape, trained, frozen, length, response, rows);
    if (settings.algorithm().separateValue()) {
      learner(parts, "value network", learner, shape, shape.weights(), 0, length, 0, rows);
    }
  }

  private static void learner(
      List<Part> parts,
      String who,
      LearnerSettings learner,
      Shape shape,
      double trained,
      double frozen,
      int length,
      int response,
      int minibatch) {
    if (!learner.compute().device().equals("cpu")) {
      return;
    }
    MicroBatch most = learner.microBatch();
    int rows = Math.min(minibatch, most.rows());
    if (most.tokens() > 0) {
      rows = Math.max(1, Math.min(rows, most.tokens() / length));
    }
    parts.add(new Part(who + ": weights", trained + frozen));
    parts.add(new Part(who + ": gradients and moments", 3 * trained));
    double casts = learner.compute().precision() == Precision.BF16 ? shape.weights() / 2 : 0;
    double pass =
        (double) rows * length * shape.activations()
            + rows * response * shape.logits(LOGITS_LEARNING)
            + 2 * shape.embedding()
            + casts;
    // The optimizer's roots are there when the pass is over, in memory that it has left.
    parts.add(new Part(who + ": a pass of " + rows * length + " tokens", Math.max(pass, trained)));
  }

  /** The same without the parts whose name begins so. */
  public MemoryForecast without(String who) {
    return new MemoryForecast(parts.stream().filter(it -> !it.what().startsWith(who)).toList());
  }

  /** The sum, in bytes. */
  public double bytes() {
    return parts.stream().mapToDouble(Part::bytes).sum();
  }

  /**
   * Refuses what cannot fit.
   *
   * @param memory of the machine, or what the process may use of it, in bytes
   * @throws InvalidInputException with the numbers
   */
  public void require(double memory) {
    if (bytes() > memory) {
      List<Part> largest =
          parts.stream()
              .sorted((one, other) -> Double.compare(other.bytes(), one.bytes()))
              .limit(3)
              .toList();
      throw InvalidInputException.of(
          "memory",
          "%s needed (%s, ...)"
              .formatted(
                  gib(bytes()),
                  String.join(
                      ", ",
                      largest.stream().map(it -> it.what() + " " + gib(it.bytes())).toList())),
          "at most the %s that are here: a smaller model, policy.lora, a smaller"
                  .formatted(gib(memory))
              + " tokens-per-micro-batch, or roles on other nodes");
    }
  }

  /** The memory of the machine, or what this process may use of it, in bytes. */
  public static double ofMachine() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Double.POSITIVE_INFINITY;
  }

  /** Such as {@code 1.50 GiB}. */
  public static String gib(double bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / MIB / 1024);
  }
}
