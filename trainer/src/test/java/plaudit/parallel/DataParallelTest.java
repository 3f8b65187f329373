package plaudit.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.model.SafetensorsWriter;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.policy.ComputeShape;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.LearnerSettings;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.PolicySettings;
import plaudit.policy.Toy;
import plaudit.policy.ToyGame;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.TransferFiles;

class DataParallelTest {

  private static final DataParallel.Settings PATIENT =
      new DataParallel.Settings(Duration.ofMinutes(2));
  private static final DataParallel.Settings IMPATIENT = new DataParallel.Settings(Duration.ZERO);

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "algorithm = ppo",
        "value-network = separate",
        "algorithm = rloo",
        "algorithm = online-dpo",
        "lora.rank = 2"
      })
  void theGradientIsThatOfOneLearnerWithTheWholeMinibatch(String method) throws Exception {
    PolicySettings settings = ExampleTargets.settings(method);
    MinibatchTargets targets =
        ExampleTargets.of(settings, ExampleTargets.batch(directory.resolve("game")));
    UpdateStats expectedStats = new UpdateStats();
    List<float[]> expected;
    try (GradientAccumulator alone = accumulator(settings, 5)) {
      alone.add(targets, ExampleTargets.BETA, expectedStats, 0);
      expected = gradients(alone);
    }
    for (int helpers = 0; helpers <= 2; helpers++) {
      try (RealHelpers team = new RealHelpers(directory.resolve(helpers + " helpers"));
          GradientAccumulator own = accumulator(settings, 5)) {
        for (int i = 0; i < helpers; i++) {
          team.join("helper-" + i, () -> accumulator(settings, 77));
        }
        UpdateStats stats = new UpdateStats();
        TransferFiles files = team.files("learner");
        new DataParallel(own, team, () -> files, PATIENT, System::nanoTime)
            .add(targets, ExampleTargets.BETA, stats, 0);

        assertSame(gradients(own), expected, helpers == 0 ? 0 : 1e-6);
        assertThat(numbers(stats))
            .allSatisfy(
                (name, value) ->
                    assertThat(value)
                        .as(name)
                        .isCloseTo(numbers(expectedStats).get(name), within(1e-5)));
        assertThat(stats.numbers().keySet()).containsAll(expectedStats.numbers().keySet());
        assertThat(stats.numbers().getOrDefault("learner/rows_by_helpers", 0.0))
            .isEqualTo(targets.rows() - (double) rowsOfTheFirst(targets.rows(), 1 + helpers));
        assertThat(files.count()).isZero();
        for (String helper : team.present()) {
          assertThat(team.filesOf(helper).count()).isOne(); // its gradient, until the next step
        }
      }
    }
  }

  @Test
  void aWholeUpdateGivesTheSameWeights() throws Exception {
    PolicySettings settings =
        ExampleTargets.settings("epochs = 3", "minibatches = 2", "learning-rate = 1e-3");
    List<float[]> alone = new ArrayList<>();
    List<float[]> together = new ArrayList<>();
    try (ToyGame game = ExampleTargets.game(settings, directory.resolve("alone"))) {
      game.learn(game.batch(), OptionalDouble.empty());
      alone.addAll(distributions(game));
    }
    try (RealHelpers team = new RealHelpers(directory);
        ToyGame game = ExampleTargets.game(settings, directory.resolve("together"))) {
      team.join("a", () -> accumulator(settings, 3));
      team.join("b", () -> accumulator(settings, 4));
      TransferFiles files = team.files("learner");
      game.trainer()
          .computingBy(
              own ->
                  RecordedGradients.of(
                      own,
                      new DataParallel(own, team, () -> files, PATIENT, System::nanoTime),
                      () -> files,
                      ShardLog.none(),
                      0));
      var report = game.learn(game.batch(), OptionalDouble.empty());
      assertThat(report.get("learner/helpers")).isEqualTo(2);
      assertThat(report.get("learner/rows_by_helpers")).isGreaterThanOrEqualTo(6 * 2);
      assertThat(report.get("learner/exchange_seconds")).isPositive();
      together.addAll(distributions(game));
    }
    for (int i = 0; i < alone.size(); i++) {
      assertThat(together.get(i)).containsExactly(alone.get(i), within(1e-6f));
    }
  }

  @Test
  void whatHelpersDoNotBringTheLearnerComputes() throws Exception {
    PolicySettings settings = ExampleTargets.settings();
    MinibatchTargets targets =
        ExampleTargets.of(settings, ExampleTargets.batch(directory.resolve("game")));
    List<float[]> expected;
    try (GradientAccumulator alone = accumulator(settings, 5)) {
      alone.add(targets, ExampleTargets.BETA, new UpdateStats(), 0);
      expected = gradients(alone);
    }
    List<CompletableFuture<Gradient>> bad =
        List.of(
            CompletableFuture.failedFuture(new IllegalStateException("it is gone")),
            new CompletableFuture<>(), // never
            CompletableFuture.completedFuture(notThere()));
    for (CompletableFuture<Gradient> answer : bad) {
      try (RealHelpers team = new RealHelpers(directory);
          GradientAccumulator own = accumulator(settings, 5)) {
        UpdateStats stats = new UpdateStats();
        TransferFiles files = team.files("learner");
        new DataParallel(own, always(answer), () -> files, IMPATIENT, System::nanoTime)
            .add(targets, ExampleTargets.BETA, stats, 0);
        assertSame(gradients(own), expected, 1e-6);
        assertThat(stats.numbers()).containsEntry("learner/rows_by_helpers", 0.0);
        assertThat(files.count()).isZero();
        assertThat(answer).as("given up or answered").isDone();
      }
    }
  }

  @Test
  void aGradientOfAnotherNetworkIsNotAdded() throws Exception {
    PolicySettings settings = ExampleTargets.settings();
    MinibatchTargets targets =
        ExampleTargets.of(settings, ExampleTargets.batch(directory.resolve("game")));
    try (RealHelpers team = new RealHelpers(directory);
        GradientAccumulator own = accumulator(settings, 5)) {
      TransferFiles files = team.files("learner");
      FileRef other =
          team.files("other")
              .write("gradient-1", out -> SafetensorsWriter.write(out, Map.of(), List.of()));
      Gradient gradient = new Gradient(other, new UpdateStats().part(), own.shape());
      UpdateStats stats = new UpdateStats();
      new DataParallel(
              own,
              always(CompletableFuture.completedFuture(gradient)),
              () -> files,
              PATIENT,
              System::nanoTime)
          .add(targets, ExampleTargets.BETA, stats, 0);
      assertThat(stats.numbers()).containsEntry("learner/rows_by_helpers", 0.0);
      assertThat(gradients(own)).anySatisfy(g -> assertThat(norm(g)).isPositive());
    }
  }

  @Test
  void aHelperWithOtherSettingsDeclines() throws Exception {
    PolicySettings settings = ExampleTargets.settings();
    MinibatchTargets targets =
        ExampleTargets.of(settings, ExampleTargets.batch(directory.resolve("game")));
    try (RealHelpers team = new RealHelpers(directory);
        GradientAccumulator own = accumulator(settings, 5)) {
      team.join("a", () -> accumulator(ExampleTargets.settings("clip-ratio = 0.1"), 5));
      TransferFiles files = team.files("learner");
      UpdateStats stats = new UpdateStats();
      new DataParallel(own, team, () -> files, PATIENT, System::nanoTime)
          .add(targets, ExampleTargets.BETA, stats, 0);
      assertThat(stats.numbers()).containsEntry("learner/rows_by_helpers", 0.0);
    }
  }

  private Gradient notThere() {
    return new Gradient(
        new FileRef(directory.resolve("nothing").toUri(), 9, "0".repeat(64)),
        new UpdateStats().part(),
        new ComputeShape(8, 1));
  }

  private static GradientWorkers always(CompletableFuture<Gradient> answer) {
    return new GradientWorkers() {
      @Override
      public List<String> present() {
        return List.of("a");
      }

      @Override
      public CompletableFuture<Gradient> ask(String helper, Work work) {
        return answer;
      }
    };
  }

  /** With all that is trained drawn anew: nothing of it is as a helper has it. */
  private static GradientAccumulator accumulator(PolicySettings settings, long seed) {
    Weights reference = Toy.random(2);
    GradientAccumulator gradients =
        GradientAccumulator.withoutOptimizer(
            settings,
            ExampleTargets.TASK,
            Toy.CONFIG,
            settings.algorithm().lora().on() ? Toy.frozen(reference) : reference,
            new LearnerSettings(Toy.CPU, MicroBatch.ofRows(8)));
    Random random = new Random(seed);
    gradients.nets().forEach(net -> net.load(spec -> random(spec, random)));
    return gradients;
  }

  private static ByteBuffer random(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean gain = spec.name().matches(".*ln_\\w+\\.weight");
    while (bytes.hasRemaining()) {
      bytes.putFloat((float) ((gain ? 1 : 0) + 0.2 * random.nextGaussian()));
    }
    return bytes.flip();
  }

  private static int rowsOfTheFirst(int rows, int workers) {
    return rows / workers + (rows % workers > 0 ? 1 : 0);
  }

  /**
   * But for those that only a shared step has, and the approximate KL: a part's is a mean over its
   * tokens, and preferences weigh parts by pairs.
   */
  private static Map<String, Double> numbers(UpdateStats stats) {
    return stats.numbers().entrySet().stream()
        .filter(e -> !e.getKey().startsWith("learner/") && !e.getKey().equals("policy/approxkl"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static List<float[]> distributions(ToyGame game) {
    double[] exact = game.policyOfFirstToken();
    float[] rounded = new float[exact.length];
    for (int i = 0; i < exact.length; i++) {
      rounded[i] = (float) exact[i];
    }
    return List.of(rounded);
  }

  private static List<float[]> gradients(GradientAccumulator gradients) {
    List<float[]> all = new ArrayList<>();
    for (Network net : gradients.nets()) {
      for (int i = 0; i < net.trained().specs().size(); i++) {
        float[] numbers = new float[Math.toIntExact(net.trained().specs().get(i).size())];
        net.gradient(i).asFloatBuffer().get(numbers);
        all.add(numbers);
      }
    }
    return all;
  }

  /** The largest difference is at most so much of the norm of all, and the norm is not zero. */
  private static void assertSame(List<float[]> actual, List<float[]> expected, double relative) {
    double norm = Math.sqrt(expected.stream().mapToDouble(g -> norm(g) * norm(g)).sum());
    assertThat(norm).isPositive();
    for (int i = 0; i < expected.size(); i++) {
      double most = 0;
      for (int j = 0; j < expected.get(i).length; j++) {
        most = Math.max(most, Math.abs(actual.get(i)[j] - expected.get(i)[j]));
      }
      assertThat(most).isLessThanOrEqualTo(relative * norm);
    }
  }

  private static double norm(float[] numbers) {
    double sum = 0;
    for (float number : numbers) {
      sum += (double) number * number;
    }
    return Math.sqrt(sum);
  }
}
