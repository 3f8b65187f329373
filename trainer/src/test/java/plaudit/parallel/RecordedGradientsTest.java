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
import plaudit.parallel.ShardPlan.Portion;
import plaudit.parallel.actor.HelperProtocol.Gradient;
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
  private static final HelperSettings PATIENT = new HelperSettings(Duration.ofMinutes(2));

  @TempDir private Path directory;
  private int games;

  /** Helpers of whom one is gone for every fourth question. */
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
  void whatWasMadeWithHelpersOneAloneMakesAgainToTheBit(String method) throws Exception {
    PolicySettings settings = settings(method);
    Path journal = directory.resolve("journal");
    ShardLog record = ShardLog.in(journal);
    Path together;
    try (RealHelpers real = team(settings)) {
      together = play(settings, sharing(new Flaky(real, new int[1]), record, 0));
    }
    List<Portion> portions =
        LongStream.rangeClosed(1, UPDATES)
            .boxed()
            .flatMap(version -> record.of(version).stream())
            .flatMap(division -> division.portions().stream().skip(1))
            .toList();
    assertThat(portions).extracting(portion -> portion.brought().isPresent()).contains(true, false);

    Path again =
        play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), record));
    assertThat(weights(again)).isEqualTo(weights(together));
    assertThat(scratch("again").count()).isZero();

    Path alone = play(settings, own -> own);
    assertThat(weights(alone)).as("rounding is another").isNotEqualTo(weights(together));
    Files.delete(journal.resolve("policy-1.shards"));
    Path partly =
        play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), record));
    assertThat(weights(partly)).as("without one update").isNotEqualTo(weights(together));
  }

  @Test
  void whoBroughtWhatAndHowMakesADifference() throws Exception {
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
    ShardLog record = ShardLog.in(directory.resolve("journal"));
    int[] asked = new int[1];
    Path before;
    Path after;
    try (RealHelpers real = team(settings)) {
      before = play(settings, sharing(new Flaky(real, asked), record, 0));
      List<ShardPlan> last = record.of(UPDATES);
      asked[0] = 0;
      after = play(settings, sharing(new Flaky(real, asked), record, UPDATES));
      assertThat(asked[0]).as("questions").isZero();
      assertThat(record.of(UPDATES)).isEqualTo(last);
      play(settings, sharing(new Flaky(real, asked), record, UPDATES - 1));
      assertThat(asked[0]).as("questions").isBetween(1, 2 * last.size());
    }
    assertThat(weights(after)).isEqualTo(weights(before));
  }

  @Test
  void whatAnEarlierLifeMadeAloneStaysSo() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    ShardLog record = ShardLog.in(directory.resolve("journal"));
    Path alone = play(settings, own -> own);
    try (RealHelpers real = team(settings)) {
      assertThat(weights(play(settings, sharing(real, record, UPDATES)))).isEqualTo(weights(alone));
    }
    assertThat(directory.resolve("journal")).doesNotExist();
  }

  @Test
  void aRecordOfOtherStepsCountsForNothing() throws Exception {
    PolicySettings settings = settings("algorithm = ppo");
    Path alone = play(settings, own -> own);
    Portion ofTooMany = new Portion(17, Optional.empty());
    ShardLog record = ShardLog.in(directory.resolve("journal"));
    record.keep(1, List.of(new ShardPlan(List.of(ofTooMany, ofTooMany))));
    Path again =
        play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), record));
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
    ShardLog record = ShardLog.in(directory.resolve("made-up-" + games));
    for (int version = 1; version <= UPDATES; version++) {
      record.keep(version, steps);
    }
    return play(settings, own -> RecordedGradients.again(own, () -> scratch("again"), record));
  }

  private static PolicySettings settings(String method) {
    return ExampleTargets.settings(method, "minibatches = 2", "learning-rate = 1e-3");
  }

  private RealHelpers team(PolicySettings settings) {
    RealHelpers team = new RealHelpers(directory.resolve("team"));
    team.join("a", () -> helper(settings, 2));
    team.join("b", () -> helper(settings, 4));
    return team;
  }

  /** Computes in smaller pieces than the learner. */
  private static GradientAccumulator helper(PolicySettings settings, int microBatch) {
    return GradientAccumulator.withoutOptimizer(
        settings,
        ExampleTargets.TASK,
        Toy.CONFIG,
        settings.method().lora().on() ? Toy.frozen(Toy.weights()) : Toy.weights(),
        new LearnerSettings(Toy.CPU, microBatch));
  }

  private Function<GradientAccumulator, Gradients> sharing(
      GradientWorkers team, ShardLog record, long made) {
    TransferFiles parcels = scratch("learner");
    return own ->
        RecordedGradients.of(
            own,
            new DataParallel(own, team, () -> parcels, PATIENT, System::nanoTime),
            () -> parcels,
            record,
            made);
  }

  private TransferFiles scratch(String name) {
    return SnapshotFiles.in(directory.resolve(name)).parcels();
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
