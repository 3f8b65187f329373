package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.lab.study.SupervisedStudy;
import plaudit.lab.study.SupervisedStudy.Row;
import plaudit.node.config.RunConfig;

/** Base, supervised, and both fine-tuned, with a tiny model and a simulated vendor. */
@Tag("slow")
class SupervisedStudyTest {

  @TempDir private Path directory;

  @Test
  void fourModelsAreMadeAndMeasuredAndASecondCallMakesNoneAgain() throws Exception {
    Path model = TinyModel.in(directory);
    Path data = Files.createDirectory(directory.resolve("data"));
    Files.write(data.resolve("train.jsonl"), rows(0, 40));
    Files.write(data.resolve("heldout.jsonl"), rows(40, 48));

    List<Row> rows = study(model, data, 2).run().orElseThrow();

    assertThat(rows)
        .extracting(Row::model)
        .containsExactly("base", "supervised", "base + fine-tuned", "supervised + fine-tuned");
    assertThat(rows).allSatisfy(row -> assertThat(row.texts()).isGreaterThanOrEqualTo(256));
    assertThat(rows.get(0).ahead()).isNull();
    assertThat(rows.get(1).ahead()).isNotNull();
    StringWriter again = new StringWriter();
    assertThat(study(model, data, 2, again).run().orElseThrow()).isEqualTo(rows);
    assertThat(again.toString()).isEmpty();
    assertThat(directory.resolve("study/supervised.md")).content().contains("| R-AVG |");
    assertThatThrownBy(() -> study(model, data, 3).run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("(expected: a directory without results of other settings)");
  }

  private SupervisedStudy study(Path model, Path data, int updates) {
    return study(model, data, updates, new StringWriter());
  }

  private SupervisedStudy study(Path model, Path data, int updates, StringWriter said) {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.add("run.data=\"" + data + "\"");
    settings.add("telemetry.port=0");
    settings.add("sft.validation=4");
    return new SupervisedStudy(
        RunConfig.load("quickstart", settings),
        directory.resolve("study"),
        new PrintWriter(said, true));
  }

  private static List<String> rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                "{\"prompt\": \"On day %d she looked at the sea\", \"reference\": \" and it was day %d\"}"
                    .formatted(i, i))
        .toList();
  }
}
