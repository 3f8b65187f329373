package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.experience.Trajectory;
import plaudit.input.InvalidInputException;
import plaudit.language.FreshWeights;
import plaudit.model.ModelConfig;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class PolicyCheckpointTest {

  private static final PolicySettings SETTINGS = Toy.settings(2, 10, 1e-3);
  private static final LearnerSettings LEARNER = new LearnerSettings(Toy.CPU, MicroBatch.ofRows(8));
  private static final List<Trajectory> BATCH = Toy.batch(Toy.weights(), 0);

  /** Goes on bit for bit only if weights, moments, steps, price and wires came back. */
  @ParameterizedTest
  @ValueSource(strings = {"", "value-network = separate", "lora.rank = 2"})
  void whoResumesLearnsWhatWouldHaveBeenLearnt(String method, @TempDir Path dir)
      throws IOException {
    SnapshotFiles files = SnapshotFiles.in(dir.resolve("snapshots"));
    PolicySettings settings = Toy.settings(2, 10, 1e-3, method);
    try (PolicyTrainer first = fresh(settings, files)) {
      first.learn(BATCH, OptionalDouble.of(.6));
      first.checkpoint(dir);
      PolicyCheckpoint checkpoint = PolicyCheckpoint.newest(dir).orElseThrow();
      assertThat(checkpoint.version()).isEqualTo(1);
      assertThat(checkpoint.republish(Toy.CONFIG, SnapshotFiles.in(dir.resolve("more"))).sha256())
          .isNotEmpty();
      try (PolicyTrainer second =
          PolicyTrainer.resumed(settings, Toy.TASK, files, Toy.CONFIG, checkpoint, LEARNER, 1)) {
        assertThat(second.state()).isEqualTo(first.state());
        assertThat(second.state().kl().beta()).isNotEqualTo(settings.kl().beta());
        assertThat(second.state().tripwires().winRate().values()).containsExactly(.6);
        same(first, second);
        assertThat(second.learn(BATCH)).isEqualTo(first.learn(BATCH));
        same(first, second);
      }
    }
  }

  /**
   * With the profiling executor of TorchScript this fails from some size of the model on: the first
   * calls of a program round otherwise than later ones.
   */
  @Test
  void aModelOfAMillionParametersGoesOnBitForBit(@TempDir Path dir) throws IOException {
    ModelConfig config = ModelConfig.gpt2(4, 4, 192, 32, 4096);
    Task task = new Task(Tokens.of(), Tokens.of(), 12, 0.7f, TruncationRule.NONE, true);
    PolicySettings settings = Toy.settings(4, 10, 1e-4, "batch = 8");
    SnapshotFiles files = SnapshotFiles.in(dir.resolve("snapshots"));
    List<Trajectory> batch = Toy.batch(config, task, 8);
    try (PolicyTrainer first =
        PolicyTrainer.fresh(
            settings, task, files, config, FreshWeights.of(config, 11, Toy.CPU), LEARNER, 1)) {
      first.learn(batch);
      first.learn(batch);
      first.checkpoint(dir);
      PolicyCheckpoint checkpoint = PolicyCheckpoint.newest(dir).orElseThrow();
      try (PolicyTrainer second =
          PolicyTrainer.resumed(settings, task, files, config, checkpoint, LEARNER, 1)) {
        assertThat(second.learn(batch)).isEqualTo(first.learn(batch));
        same(first, second);
      }
    }
  }

  @Test
  void whoResumesOtherwiseIsToldSo(@TempDir Path dir) throws IOException {
    SnapshotFiles files = SnapshotFiles.in(dir.resolve("snapshots"));
    try (PolicyTrainer trainer = fresh(SETTINGS, files)) {
      trainer.checkpoint(dir);
    }
    PolicyCheckpoint checkpoint = PolicyCheckpoint.newest(dir).orElseThrow();
    refused(checkpoint, "lora.rank = 2", "plaudit.policy.lora.rank: 2 (expected: 0, as in ");
    refused(
        checkpoint,
        "value-network = separate",
        "plaudit.policy.value-network: separate (expected: shared, as in ");
  }

  private static void refused(PolicyCheckpoint checkpoint, String line, String message) {
    assertThatThrownBy(() -> checkpoint.state(Toy.settings(2, 10, 1e-3, line)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void theNewestTwoAreKeptAndUnfinishedOnesAreNone(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("policy-99.safetensors.tmp"), "killed while writing");
    assertThat(PolicyCheckpoint.newest(dir)).isEmpty();
    try (PolicyTrainer trainer = fresh(SETTINGS, SnapshotFiles.in(dir.resolve("snapshots")))) {
      for (int update = 0; update < 3; update++) {
        trainer.learn(BATCH);
        trainer.checkpoint(dir);
      }
    }
    assertThat(PolicyCheckpoint.newest(dir).orElseThrow().version()).isEqualTo(3);
    try (Stream<Path> found = Files.list(dir)) {
      assertThat(found.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "policy-2.safetensors",
              "policy-3.safetensors",
              "policy-99.safetensors.tmp",
              "snapshots");
    }
  }

  @Test
  void aFolderThatIsNotThereHasNone(@TempDir Path dir) {
    assertThat(PolicyCheckpoint.newest(dir.resolve("none"))).isEmpty();
  }

  private static PolicyTrainer fresh(PolicySettings settings, SnapshotFiles files) {
    Weights reference =
        settings.algorithm().lora().on() ? Toy.frozen(Toy.weights()) : Toy.weights();
    return PolicyTrainer.fresh(settings, Toy.TASK, files, Toy.CONFIG, reference, LEARNER, 1);
  }

  private static void same(PolicyTrainer one, PolicyTrainer other) {
    for (int net = 0; net < one.nets().all().size(); net++) {
      List<float[]> expected = Toy.numbers(one.nets().all().get(net).trained());
      List<float[]> actual = Toy.numbers(other.nets().all().get(net).trained());
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i)).isEqualTo(expected.get(i));
      }
    }
  }
}
