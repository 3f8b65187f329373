package plaudit.labelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.FileTraining.Sides;
import plaudit.reward.RewardSettings;
import plaudit.reward.Target;
import plaudit.tokens.Tokens;

class FileTrainingTest {

  @Test
  void noGroupIsOnBothSides() {
    Sides sides = training(0).split(rows(100, 10));

    assertThat(groups(sides.training())).doesNotContainAnyElementsOf(groups(sides.heldOut()));
    assertThat(groups(sides.heldOut())).isEqualTo(sides.heldOutGroups());
    assertThat(sides.training().size() + sides.heldOut().size()).isEqualTo(100);
  }

  @Test
  void overAllFoldsEachRowMeasuresOnce() {
    List<LabelRow> rows = rows(100, 10);
    List<LabelRow> measured = new ArrayList<>();
    for (int fold = 1; fold <= 5; fold++) {
      Sides sides = training(0).fold(rows, fold, 5);
      assertThat(groups(sides.training())).doesNotContainAnyElementsOf(groups(sides.heldOut()));
      measured.addAll(sides.heldOut());
    }
    assertThat(measured).containsExactlyInAnyOrderElementsOf(rows);
    for (int[] wrong : new int[][] {{0, 5}, {6, 5}, {1, 1}, {1, 11}}) {
      assertThatThrownBy(() -> training(0).fold(rows, wrong[0], wrong[1]))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("fold: %d/%d (expected: ".formatted(wrong[0], wrong[1]));
    }
  }

  @Test
  void theReleasesNumTrainIsTheFirstRowsAndAMultipleOfTheBatch() {
    List<LabelRow> rows = rows(100, 10);

    Sides sides = training(0).first(rows, 96);

    assertThat(sides.training()).isEqualTo(rows.subList(0, 96));
    assertThat(sides.heldOut()).isEqualTo(rows.subList(96, 100));
    for (int wrong : new int[] {0, 100, 104}) {
      assertThatThrownBy(() -> training(0).first(rows, wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "num-train: %d (expected: a multiple of reward.batch, 8, and at most the 100 rows there are)"
                  .formatted(wrong));
    }
  }

  @Test
  void whatTheFirstRowsSayIsNotMeasuredOnAgain() {
    List<LabelRow> rows = new ArrayList<>(rows(10, 10));
    rows.set(9, rows.get(0));

    assertThat(training(0).first(rows, 8).heldOut()).containsExactly(rows.get(8));
  }

  @Test
  void drawnRowsAreTrainingRowsAndTheSameForTheSameSeed() {
    List<LabelRow> rows = rows(100, 10);

    Sides drawn = training(20).split(rows);

    assertThat(drawn.training()).hasSize(20).doesNotHaveDuplicates();
    assertThat(training(0).split(rows).training()).containsAll(drawn.training());
    assertThat(training(20).split(rows)).isEqualTo(drawn);
  }

  private static FileTraining training(int rows) {
    RewardSettings settings = RewardSettings.from(ConfigFactory.defaultReference());
    return new FileTraining(settings, new SequenceLimit(16), .25, rows, 1, 1);
  }

  private static Set<String> groups(List<LabelRow> rows) {
    Set<String> groups = new HashSet<>();
    rows.forEach(row -> groups.add(row.group()));
    return groups;
  }

  private static List<LabelRow> rows(int count, int groups) {
    List<LabelRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      LabelRow.Passage text = new LabelRow.Passage(Tokens.of(3 + i), "a" + i);
      rows.add(
          new LabelRow(
              "file: row " + (i + 1),
              "topic " + i % groups,
              text,
              List.of(text, new LabelRow.Passage(Tokens.of(2), "b")),
              Optional.of(Target.Best.only(0))));
    }
    return rows;
  }
}
