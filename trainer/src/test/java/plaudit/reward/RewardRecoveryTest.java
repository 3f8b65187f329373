package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.labels.Choice;
import plaudit.labels.Label;
import plaudit.snapshots.Snapshot;

/** A hidden linear reward is found from choices among four. */
class RewardRecoveryTest {

  private static final int LABELS = 1200;
  private static final RewardSettings SETTINGS =
      RewardToy.settings("epochs = 1", "batch = 8", "learning-rate = 1e-2");

  @TempDir private Path dir = Path.of("");

  @Test
  void whoNeverErrsIsUnderstoodAndTheScaleIsStandard() {
    Snapshot snapshot = train(RewardToy.labels(LABELS, 0, 1), 0);
    assertThat(RewardToy.accuracy(snapshot, 500)).isGreaterThan(.8);
    float[] scores = RewardToy.scores(snapshot);
    double sum = 0;
    double squares = 0;
    for (float score : scores) {
      sum += score;
      squares += score * score;
    }
    double mean = sum / scores.length;
    assertThat(mean).isCloseTo(0, within(.1));
    assertThat(Math.sqrt(squares / scores.length - mean * mean)).isCloseTo(1, within(.1));
  }

  /** As noisy as the paper's people: they agree with the truth in about half of the cases. */
  @Test
  void whoOftenErrsIsUnderstoodMoreSlowly() {
    List<Label> noisy = RewardToy.labels(LABELS, 1.2, 1);
    assertThat(agreement(noisy)).isBetween(.38, .62);
    double few = RewardToy.accuracy(train(noisy.subList(0, 300), 0), 500);
    double many = RewardToy.accuracy(train(noisy, 1), 500);
    double clean = RewardToy.accuracy(train(RewardToy.labels(LABELS, 0, 1), 2), 500);
    assertThat(many).isBetween(.5, clean);
    assertThat(many).isGreaterThan(few);
  }

  private Snapshot train(List<Label> labels, long version) {
    return RewardToy.trainer(SETTINGS, dir).train(version, labels).snapshot();
  }

  private static double agreement(List<Label> labels) {
    double same = 0;
    for (Label label : labels) {
      int chosen = ((Choice.Best) label.judgment().choice()).index();
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < 4; i++) {
        double liking = RewardToy.liking(label.comparison().samples().get(i).response());
        best = liking > most ? i : best;
        most = Math.max(most, liking);
      }
      same += chosen == best ? 1 : 0;
    }
    return same / labels.size();
  }
}
