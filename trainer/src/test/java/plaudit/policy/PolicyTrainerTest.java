package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.Layout;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.Losses;
import plaudit.optim.MicroBatch;
import plaudit.optim.Network;
import plaudit.snapshots.SnapshotFiles;
import plaudit.tokens.TokenVersions;

class PolicyTrainerTest {

  @Test
  void beforeTheFirstStepThePolicyIsTheReference() {
    List<Trajectory> batch = Toy.batch(Toy.weights(), 0);
    assertThat(batch)
        .allSatisfy(
            trajectory -> {
              assertThat(trajectory.kl()).isCloseTo(0, within(1e-5));
              assertThat(trajectory.rollout().values().toArray()).containsOnly(0);
            });
  }

  @Test
  void inTheFirstEpochEveryRatioIsOne() {
    try (PolicyNets net = net()) {
      List<Adam> optimizers = Toy.optimizers(net);
      Map<String, Double> numbers =
          Toy.learn(
                  Toy.settings(1, 10, 1e-3),
                  Toy.TASK,
                  net,
                  optimizers,
                  8,
                  0,
                  Toy.batch(Toy.weights(), 0))
              .numbers();
      assertThat(numbers.get("policy/approxkl")).isCloseTo(0, within(1e-9));
      assertThat(numbers.get("policy/ratio_max")).isCloseTo(1, within(1e-5));
      assertThat(numbers.get("policy/clipfrac")).isZero();
      assertThat(numbers.get("policy/logprob_gap")).isLessThan(1e-5);
      assertThat(numbers.get("loss/policy")).isCloseTo(0, within(1e-5)); // whitened advantages
      assertThat(numbers.get("policy/gradient_norm")).isGreaterThan(0);
    }
  }

  @Test
  void laterEpochsMoveAway() {
    try (PolicyNets net = net()) {
      List<Adam> optimizers = Toy.optimizers(net);
      Map<String, Double> numbers =
          Toy.learn(
                  Toy.settings(4, 10, 1e-2),
                  Toy.TASK,
                  net,
                  optimizers,
                  8,
                  0,
                  Toy.batch(Toy.weights(), 0))
              .numbers();
      assertThat(numbers.get("policy/approxkl")).isGreaterThan(1e-6);
      assertThat(numbers.get("policy/logprob_gap")).isLessThan(1e-5);
      assertThat(optimizers.get(0).steps()).isEqualTo(4);
    }
  }

  @Test
  void rolloutsOfAnOlderVersionSayNothingAboutTheGap() {
    try (PolicyNets net = net()) {
      List<Adam> optimizers = Toy.optimizers(net);
      Map<String, Double> numbers =
          Toy.learn(
                  Toy.settings(1, 10, 1e-3),
                  Toy.TASK,
                  net,
                  optimizers,
                  8,
                  1,
                  Toy.batch(Toy.weights(), 0))
              .numbers();
      assertThat(numbers).doesNotContainKey("policy/logprob_gap");
    }
  }

  /** Where a newer version went on, it read the older one's cache and may rightly differ. */
  @Test
  void rolloutsThatWereSwappedInFlightSayNothingAboutTheGap() {
    try (PolicyNets net = net()) {
      List<Adam> optimizers = Toy.optimizers(net);
      Map<String, Double> numbers =
          Toy.learn(
                  Toy.settings(1, 10, 1e-3),
                  Toy.TASK,
                  net,
                  optimizers,
                  8,
                  1,
                  swapped(Toy.batch(Toy.weights(), 1), 0, 1))
              .numbers();
      assertThat(numbers).doesNotContainKey("policy/logprob_gap");
    }
  }

  @Test
  void stalenessIsThatOfTheTokens(@TempDir Path dir) {
    try (PolicyTrainer trainer =
        PolicyTrainer.fresh(
            Toy.settings(1, 10, 1e-3),
            Toy.TASK,
            SnapshotFiles.in(dir),
            Toy.CONFIG,
            Toy.weights(),
            new LearnerSettings(Toy.CPU, MicroBatch.ofRows(Toy.BATCH)),
            1)) {
      trainer.learn(Toy.batch(Toy.weights(), 0));
      trainer.learn(Toy.batch(Toy.weights(), 0));
      List<Trajectory> batch = new ArrayList<>(Toy.batch(Toy.weights(), 2));
      batch.subList(0, 8).replaceAll(t -> swapped(List.of(t), 0, 1).get(0));
      UpdateReport report = trainer.learn(batch);
      // A quarter of the rollouts: one token of version 0, three of version 1, at version 2.
      assertThat(report.get("async/staleness_mean")).isEqualTo((2 + 3 * 1) / 4.0 / 4);
      assertThat(report.get("async/staleness_max")).isEqualTo(2);
      assertThat(report.get("async/swapped")).isEqualTo(0.25);
    }
  }

  /** The same, as if {@code newer} had written all tokens but the first. */
  private static List<Trajectory> swapped(List<Trajectory> batch, long older, long newer) {
    List<Trajectory> swapped = new ArrayList<>();
    for (Trajectory t : batch) {
      Rollout rollout = t.rollout();
      long[] each = new long[rollout.response().length()];
      Arrays.fill(each, newer);
      each[0] = older;
      swapped.add(
          new Trajectory(
              new Rollout(
                  rollout.promptId(),
                  rollout.index(),
                  rollout.query(),
                  rollout.response(),
                  rollout.logprobs(),
                  rollout.values(),
                  TokenVersions.ofEach(each)),
              t.refLogprobs(),
              t.score(),
              t.valid(),
              t.rewardVersion()));
    }
    return swapped;
  }

  @Test
  void theMicroBatchDoesNotChangeTheWeights() {
    List<float[]> whole = after(Toy.BATCH);
    List<float[]> parts = after(5);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(parts.get(i)).containsExactly(whole.get(i), within(1e-6f));
    }
  }

  @Test
  void theSameSeedGivesTheSameWeightsBitForBit() {
    List<float[]> once = after(8);
    List<float[]> again = after(8);
    for (int i = 0; i < once.size(); i++) {
      assertThat(again.get(i)).isEqualTo(once.get(i));
    }
  }

  @Test
  void thePaidTokenIsWrittenMoreAndMore(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    List<Double> scores = new ArrayList<>();
    try (PolicyTrainer trainer =
        PolicyTrainer.fresh(
            Toy.settings(4, 40, 5e-3),
            Toy.TASK,
            files,
            Toy.CONFIG,
            Toy.weights(),
            new LearnerSettings(Toy.CPU, MicroBatch.ofRows(Toy.BATCH)),
            1)) {
      for (int version = 0; version < 30; version++) {
        Weights published =
            SnapshotWeights.read(
                files.fetch(trainer.publish()),
                ScalarHead.VALUE.appendTo(Layout.of(Toy.CONFIG)),
                false,
                Toy.CPU);
        UpdateReport report = trainer.learn(Toy.batch(published, version));
        assertThat(report.version()).isEqualTo(version + 1);
        assertThat(report.get("policy/logprob_gap")).isLessThan(1e-5);
        assertThat(report.get("async/staleness_max")).isZero();
        scores.add(report.get("objective/score"));
      }
    }
    double early = scores.subList(0, 5).stream().mapToDouble(x -> x).average().orElseThrow();
    double late = scores.subList(25, 30).stream().mapToDouble(x -> x).average().orElseThrow();
    assertThat(early).isLessThan(1);
    assertThat(late).isGreaterThan(2);
  }

  /** A replay reads weights of any age; the learner's actor deletes old ones. */
  @Test
  void publishedWeightsStayUntilTheyArePruned(@TempDir Path dir) {
    List<Path> published = new ArrayList<>();
    try (PolicyTrainer trainer =
        PolicyTrainer.fresh(
            Toy.settings(1, 10, 1e-3),
            Toy.TASK,
            SnapshotFiles.in(dir),
            Toy.CONFIG,
            Toy.weights(),
            new LearnerSettings(Toy.CPU, MicroBatch.ofRows(Toy.BATCH)),
            1)) {
      for (int version = 0; version < 7; version++) {
        published.add(Path.of(trainer.publish().url()));
        trainer.learn(Toy.batch(Toy.weights(), version));
      }
      assertThat(published).allSatisfy(file -> assertThat(file).exists());
      trainer.prune(4);
      assertThat(published.subList(3, 7)).allSatisfy(file -> assertThat(file).exists());
      assertThat(published.subList(1, 3)).allSatisfy(file -> assertThat(file).doesNotExist());
    }
  }

  private static List<float[]> after(int microBatch) {
    try (PolicyNets net = net()) {
      PolicySettings settings = Toy.settings(2, 10, 1e-4);
      List<Trajectory> batch = Toy.batch(Toy.weights(), 0);
      Toy.learn(settings, Toy.TASK, net, Toy.optimizers(net), microBatch, 0, batch);
      return Toy.numbers(net.policy().weights());
    }
  }

  private static PolicyNets net() {
    return new PolicyNets(
        Network.of(Toy.CONFIG, Losses.POLICY, Toy.weights(), Toy.CPU), Optional.empty());
  }
}
