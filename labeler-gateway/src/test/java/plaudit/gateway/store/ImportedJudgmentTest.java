package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.labels.Choice;

/** Labels of a file in the store. */
class ImportedJudgmentTest {

  @TempDir private Path directory = Path.of("");

  @Test
  void judgmentsFromElsewhereAreLabelsOnceHoweverOftenTheyCome() {
    try (JdbcLabels labels = Stores.open(directory)) {
      List<ImportedJudgment> verdicts =
          List.of(
              new ImportedJudgment(Comparisons.one("i-0"), new Choice.Best(2)),
              new ImportedJudgment(
                  Comparisons.one("i-1"), new Choice.NoPreference(Choice.Reason.TIE)));

      assertThat(labels.importJudgments(verdicts)).isEqualTo(2);
      assertThat(labels.importJudgments(verdicts)).isZero();

      assertThat(labels.labelsAfter(0, 10))
          .extracting(label -> label.judgment().choice())
          .containsExactly(new Choice.Best(2), new Choice.NoPreference(Choice.Reason.TIE));
      assertThat(labels.labelsAfter(0, 10))
          .allMatch(label -> label.judgment().labeler().equals("import"));
      assertThat(labels.status().preferences()).isEqualTo(1);
      assertThat(labels.status().open()).isZero();
      assertThat(labels.claimable()).isZero();
    }
  }

  @Test
  void ofJudgmentsFromElsewhereAllAreTakenOrNone() {
    try (JdbcLabels labels = Stores.open(directory)) {
      ImportedJudgment good = new ImportedJudgment(Comparisons.one("i-0"), new Choice.Best(2));
      List<ImportedJudgment> torn =
          new AbstractList<>() {
            @Override
            public ImportedJudgment get(int index) {
              if (index == 1) {
                throw new IllegalStateException("the second row cannot be read");
              }
              return good;
            }

            @Override
            public int size() {
              return 2;
            }
          };

      assertThatThrownBy(() -> labels.importJudgments(torn))
          .hasMessage("the second row cannot be read");

      assertThat(labels.status().judged()).isZero();
      assertThat(labels.importJudgments(List.of(good))).isEqualTo(1);
    }
  }
}
