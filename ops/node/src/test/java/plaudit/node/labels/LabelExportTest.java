package plaudit.node.labels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.data.Columns;
import plaudit.data.Rows;
import plaudit.input.InvalidInputException;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.node.labels.LabelExport.Exported;
import plaudit.node.labels.LabelExport.Format;
import plaudit.tokens.Tokens;

class LabelExportTest {

  private static final Comparison COMPARISON =
      new Comparison(
          "q1",
          Tokens.of(1, 2),
          "It was",
          List.of(
              new Comparison.Sample(Tokens.of(3), "bad", 4),
              new Comparison.Sample(Tokens.of(4), "good", 5),
              new Comparison.Sample(Tokens.of(5, 6), "fair", 4)));

  @TempDir private Path dir = Path.of("");

  @ParameterizedTest
  @ValueSource(strings = {"labels.jsonl", "labels.jsonl.gz", "new/labels.parquet"})
  void preferencesAreRowsOfTheChosenAgainstEachOtherWithWhereTheyComeFrom(String name) {
    Path file = dir.resolve(name);

    Exported exported =
        LabelExport.write(
            () -> Stream.of(label(new Choice.Best(1)), label(tie())), Format.TRL, file);

    assertThat(exported).isEqualTo(new Exported(2, 1));
    assertThat(Rows.read(file, Columns.SAME))
        .extracting(row -> row.value().toString())
        .containsExactly(preference("bad"), preference("fair"));
    assertThat(file.resolveSibling(file.getFileName() + ".tmp")).doesNotExist();
  }

  @Test
  void theReleasesRowsArePaddedToTheLongest() {
    Path file = dir.resolve("release.json");

    Exported exported =
        LabelExport.write(
            () -> Stream.of(label(new Choice.Best(1)), label(tie()), label(new Choice.Best(0))),
            Format.RELEASE,
            file);

    assertThat(exported).isEqualTo(new Exported(2, 1));
    assertThat(Rows.read(file, Columns.SAME))
        .extracting(row -> row.value().path("sample0").toString())
        .containsOnly("[3,50259]")
        .hasSize(2);
  }

  @Test
  void whatCannotBeWrittenIsRefusedAndNoFileIsLeft() {
    Path file = dir.resolve("labels.parquet");
    assertThatThrownBy(
            () -> LabelExport.write(() -> Stream.of(label(new Choice.Best(1))), Format.TEXT, file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("trl, whose rows are alike, for Parquet");
    assertThatThrownBy(() -> LabelExport.write(() -> Stream.of(label(tie())), Format.TRL, file))
        .hasMessage("labels to export: 0 (expected: at least one)");
    assertThat(dir).isEmptyDirectory();
  }

  private static Choice tie() {
    return new Choice.NoPreference(Choice.Reason.TIE);
  }

  private static Label label(Choice choice) {
    return new Label(1, COMPARISON, new Judgment("q1", "page", "anna", choice, Instant.EPOCH));
  }

  private static String preference(String rejected) {
    return ("{\"prompt\":\"It was\",\"chosen\":\"good\",\"rejected\":\"%s\",\"chosen_version\":5,"
            + "\"rejected_version\":4,\"comparison\":\"q1\",\"vendor\":\"page\",\"labeler\":\"anna\","
            + "\"decided\":\"1970-01-01T00:00:00Z\"}")
        .formatted(rejected);
  }
}
