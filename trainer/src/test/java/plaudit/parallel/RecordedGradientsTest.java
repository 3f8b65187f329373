package plaudit.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.optim.MicroBatch;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.Gradients;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicySettings;
import plaudit.policy.Toy;
import plaudit.policy.ToyGame;
import plaudit.snapshots.Model;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.TransferFiles;

class RecordedGradientsTest {

  private static final int UPDATES = 2;
  private static final DataParallel.Settings PATIENT =
      new DataParallel.Settings(Duration.ofMinutes(2));

  @TempDir private Path directory;
  private int games;

  /** Helpers of which one is gone for every fourth question. */
  private record Flaky(RealHelpers real, int[] asked) implements GradientWorkers {
    @Override
    public List<String> present() {
      return real.present();
    }

    @Override
    public CompletableFuture<Gradient> ask(String helper, Work work) {
      return ++asked[0] % 4 == 0
          ? CompletableFuture.failedFuture(new IllegalStateException("it is gone"))
          : real.ask(helper, work);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"value-network = separate", "algorithm = online-dpo", "lora.rank = 2"})
  void aSharedUpdateIsRepeatedAloneToTheBit(String method) throws Exception {
    PolicySettings settings = settings(method);
    Path journal = directory.resolve("journal");
    ShardLog log = ShardLog.in(journal);
    Path together;
    try (RealHelpers real = helpers(settings)) {
      together = play(settings, sharing(new Flaky(real, new int[1]), log, 0));
    }
    List<Portion> portions =
        LongStream.rangeClosed(1, UPDATES)
            .boxed()
            .flatMap(version -> log.of(version).stream())
            .flatMap(plan -> plan.portions().stream().skip(1))
            .toList();
    assertThat(portions).extracting(portion -> portion.helper().isPresent()).contains(true, false);

    Path again = play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), log));
    assertThat(weights(again)).isEqualTo(weights(together));
    assertThat(scratch("again").count()).isZero();

    Path alone = play(settings, own -> own);
    assertThat(weights(alone)).as("rounding is another").isNotEqualTo(weights(together));
    Files.delete(journal.resolve("policy-1.shards"));
    Path partly = play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), log));
    assertThat(weights(partly)).as("without one update").isNotEqualTo(weights(together));
  }

  @Test
  void whichRowsWereComputedHowMakesADifference() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    Optional<ComputeShape> lost = Optional.empty();
    Optional<ComputeShape> whole = Optional.of(new ComputeShape(5, 1));
    Optional<ComputeShape> inPieces = Optional.of(new ComputeShape(2, 1));
    Optional<ComputeShape> untold =
        Optional.of(new ComputeShape(0, 0)); // by an older helper: as the learner
    List<String> weights = new ArrayList<>();
    weights.add(weights(playing(settings, fourSteps(whole, whole))));
    weights.add(weights(playing(settings, fourSteps(lost, whole))));
    weights.add(weights(playing(settings, fourSteps(inPieces, whole))));
    assertThat(weights).doesNotHaveDuplicates();
    assertThat(weights(playing(settings, fourSteps(untold, whole)))).isEqualTo(weights.get(0));
  }

  @Test
  void aResumedLearnerMakesPublishedVersionsAgainAsTheyWereAndSharesTheNext() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    ShardLog log = ShardLog.in(directory.resolve("journal"));
    int[] asked = new int[1];
    Path before;
    Path after;
    try (RealHelpers real = helpers(settings)) {
      before = play(settings, sharing(new Flaky(real, asked), log, 0));
      List<ShardPlan> last = log.of(UPDATES);
      asked[0] = 0;
      after = play(settings, sharing(new Flaky(real, asked), log, UPDATES));
      assertThat(asked[0]).as("questions").isZero();
      assertThat(log.of(UPDATES)).isEqualTo(last);
      play(settings, sharing(new Flaky(real, asked), log, UPDATES - 1));
      assertThat(asked[0]).as("questions").isBetween(1, 2 * last.size());
    }
    assertThat(weights(after)).isEqualTo(weights(before));
  }

  @Test
  void anUpdateThatAnEarlierProcessMadeAloneIsRepeatedAlone() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    ShardLog log = ShardLog.in(directory.resolve("journal"));
    Path alone = play(settings, own -> own);
    try (RealHelpers real = helpers(settings)) {
      assertThat(weights(play(settings, sharing(real, log, UPDATES)))).isEqualTo(weights(alone));
    }
    assertThat(directory.resolve("journal")).doesNotExist();
  }

  @Test
  void aLogOfOtherStepsIsIgnored() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    Path alone = play(settings, own -> own);
    Portion ofTooMany = new Portion(17, Optional.empty());
    ShardLog log = ShardLog.in(directory.resolve("journal"));
    log.keep(1, List.of(new ShardPlan(List.of(ofTooMany, ofTooMany))));
    Path again = play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), log));
    assertThat(weights(again)).isEqualTo(weights(alone));
  }

  /** Of 16 rows each, with helpers that bring their rows or do not. */
  private static List<ShardPlan> fourSteps(
      Optional<ComputeShape> first, Optional<ComputeShape> second) {
    return Collections.nCopies(
        4,
        new ShardPlan(
            List.of(
                new Portion(6, Optional.empty()), new Portion(5, first), new Portion(5, second))));
  }

  private Path playing(PolicySettings settings, List<ShardPlan> steps) throws IOException {
    ShardLog log = ShardLog.in(directory.resolve("made-up-" + games));
    for (int version = 1; version <= UPDATES; version++) {
      log.keep(version, steps);
    }
    return play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), log));
  }

  private static PolicySettings settings(String method) {
    return ExampleTargets.settings(method, "minibatches = 2", "learning-rate = 1e-3");
  }

  private RealHelpers helpers(PolicySettings settings) {
    RealHelpers helpers = new RealHelpers(directory.resolve("helpers"));
    helpers.join("a", () -> helper(settings, 2));
    helpers.join("b", () -> helper(settings, 4));
    return helpers;
  }

  /** Computes in smaller pieces than the learner. */
  private static GradientAccumulator helper(PolicySettings settings, int microBatch) {
    return GradientAccumulator.withoutOptimizer(
        settings,
        ExampleTargets.TASK,
        Toy.CONFIG,
        settings.algorithm().lora().on() ? Toy.frozen(Toy.weights()) : Toy.weights(),
        new LearnerSettings(Toy.CPU, MicroBatch.ofRows(microBatch)));
  }

  private Function<GradientAccumulator, Gradients> sharing(
      GradientWorkers workers, ShardLog log, long made) {
    TransferFiles files = scratch("learner");
    return own ->
        RecordedGradients.of(
            own,
            new DataParallel(own, workers, () -> files, PATIENT, System::nanoTime),
            () -> files,
            log,
            made);
  }

  private TransferFiles scratch(String name) {
    return SnapshotFiles.in(directory.resolve(name)).transfers();
  }

  /** Plays some updates; answers where the weights are. */
  private Path play(PolicySettings settings, Function<GradientAccumulator, Gradients> way)
      throws IOException {
    Path snapshots = Files.createDirectory(directory.resolve("game-" + games++));
    try (ToyGame game = ExampleTargets.game(settings, snapshots)) {
      game.trainer().computingBy(way);
      for (int update = 0; update < UPDATES; update++) {
        game.learn(game.batch(), OptionalDouble.empty());
      }
    }
    return snapshots;
  }

  private static String weights(Path snapshots) {
    return SnapshotFiles.in(snapshots).newest(Model.POLICY).orElseThrow().sha256();
  }
}
