package plaudit.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.model.Compute;
import plaudit.model.TinySnapshots;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation;
import plaudit.snapshots.SnapshotFiles;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.Tokens;

class TorchScoringEngineTest {

  private static final float PENALTY = -1.25f;

  private final List<Rollout> anyEnd = rollouts(task(TruncationRule.NONE));
  private final int end = anyEnd.get(0).response().get(2);
  private final TruncationRule rule = new TruncationRule(OptionalInt.of(end), 1, PENALTY);
  private final Task task = task(rule);

  @Test
  void theRewardIsReadOnQueryAndTruncatedResponse(@TempDir Path dir) {
    try (TorchScoringEngine scoring = scoring(dir);
        TorchNet reward = TinySnapshots.rewardNet(3)) {
      List<Trajectory> trajectories = scoring.score(anyEnd);
      assertThat(trajectories).extracting(Trajectory::valid).contains(true, false);
      for (Trajectory trajectory : trajectories) {
        Truncated cut = rule.truncate(trajectory.rollout().response());
        float raw = reward.reward(List.of(trajectory.rollout().query().concat(cut.kept())))[0];
        assertThat(trajectory.valid()).isEqualTo(cut.valid());
        assertThat(trajectory.score())
            .isCloseTo(
                cut.valid() ? TinySnapshots.GAIN * raw + TinySnapshots.BIAS : PENALTY,
                within(cut.valid() ? 1e-5f : 0f));
        assertThat(trajectory.rewardVersion()).isEqualTo(3);
      }
    }
  }

  @Test
  void againstItselfAPolicyHasNoDivergence(@TempDir Path dir) {
    try (TorchScoringEngine scoring = scoring(dir)) {
      List<Trajectory> trajectories = scoring.score(anyEnd);
      assertThat(trajectories).extracting(Trajectory::rollout).isEqualTo(anyEnd);
      assertThat(trajectories)
          .allSatisfy(
              trajectory -> {
                assertThat(trajectory.kl()).isCloseTo(0, within(1e-4));
                assertThat(trajectory.refLogprobs().toArray())
                    .containsExactly(trajectory.rollout().logprobs().toArray(), within(1e-5f));
              });
    }
  }

  @Test
  void aLaterRewardModelTakesOver(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    try (TorchScoringEngine scoring = scoring(dir)) {
      List<Trajectory> before = scoring.score(anyEnd);
      scoring.load(files.fetch(TinySnapshots.reward(files, 4)), 4);
      assertThat(scoring.rewardVersion()).isEqualTo(4);
      assertThat(scoring.score(anyEnd).get(0).score()).isNotEqualTo(before.get(0).score());
    }
  }

  @Test
  void withoutARewardModelNothingIsScored(@TempDir Path dir) {
    try (TorchScoringEngine scoring =
        new TorchScoringEngine(
            TinySnapshots.CONFIG,
            task,
            Compute.cpu(1),
            TinySnapshots.policyNet(0),
            SnapshotFiles.in(dir))) {
      assertThat(scoring.rewardVersion()).isEqualTo(-1);
      assertThatThrownBy(() -> scoring.score(anyEnd))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("no reward model is loaded");
    }
  }

  private TorchScoringEngine scoring(Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    TorchScoringEngine scoring =
        new TorchScoringEngine(
            TinySnapshots.CONFIG, task, Compute.cpu(1), TinySnapshots.policyNet(0), files);
    scoring.load(files.fetch(TinySnapshots.reward(files, 3)), 3);
    return scoring;
  }

  private static Task task(TruncationRule rule) {
    return new Task(Tokens.of(1), Tokens.of(2, 3), 6, 0.7f, rule, true);
  }

  private static List<Rollout> rollouts(Task task) {
    List<Prompt> prompts =
        LongStream.range(0, 12)
            .mapToObj(id -> new Prompt(id, Tokens.of(4, (int) id, 5).slice(0, 2 + (int) id % 2)))
            .toList();
    try (TorchNet net = TinySnapshots.policyNet(0)) {
      return new Generation(task, 5).rollouts(net, 0, prompts, 1);
    }
  }
}
