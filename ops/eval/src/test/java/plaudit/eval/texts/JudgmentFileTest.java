package plaudit.eval.texts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.agreement.JudgedItem;

class JudgmentFileTest {

  @TempDir private Path dir;

  @Test
  void judgmentsAreGatheredByComparison() throws IOException {
    List<JudgedItem> items =
        read(
            """
            {"comparisonId": "q1", "labeler": "ann", "choice": 2, "choices": 4}
            {"comparisonId": "q2", "labeler": "ann", "choice": null, "choices": 2}
            {"comparisonId": "q1", "labeler": "bob", "choice": "TIE", "choices": 4}
            {"comparisonId": "q1", "labeler": "cleo", "choice": "CANNOT_JUDGE", "choices": 4}
            {"comparisonId": "q1", "labeler": "ann", "choice": 3, "choices": 4}
            """);

    assertThat(items)
        .containsExactly(
            new JudgedItem(4, Map.of("ann", 3, "bob", JudgedItem.NO_PREFERENCE)),
            new JudgedItem(2, Map.of("ann", JudgedItem.NO_PREFERENCE)));
  }

  @Test
  void rowsOfTheReleaseWithTheSameTextsAreOneComparison() throws IOException {
    List<JudgedItem> items =
        read(
            """
            {"query": [1], "sample0": [2], "sample1": [3], "best": 0}
            {"query": [1], "sample0": [2], "sample1": [3], "best": 1}
            {"query": [1], "sample0": [3], "sample1": [2], "best": 1}
            """);

    assertThat(items)
        .containsExactly(
            new JudgedItem(2, Map.of("#1", 0, "#2", 1)), new JudgedItem(2, Map.of("#1", 1)));
  }

  @Test
  void aChoiceThatWasNotShownIsRefused() throws IOException {
    Path file = file("{\"id\": 1, \"choice\": 4, \"choices\": 4}\n");

    assertThatThrownBy(() -> JudgmentFile.read(file))
        .hasMessage(
            file
                + ": line 1: {\"id\":1,\"choice\":4,\"choices\":4}"
                + " (expected: a choice from 0 to 3, null or TIE)");
  }

  @Test
  void aLineWithoutAChoiceIsRefused() throws IOException {
    Path file = file("{\"id\": 1, \"choices\": 4}\n");

    assertThatThrownBy(() -> JudgmentFile.read(file))
        .hasMessage(file + ": line 1: {\"id\":1,\"choices\":4} (expected: a choice)");
  }

  private List<JudgedItem> read(String lines) throws IOException {
    return JudgmentFile.read(file(lines));
  }

  private Path file(String lines) throws IOException {
    return Files.writeString(dir.resolve("judgments.jsonl"), lines);
  }
}
