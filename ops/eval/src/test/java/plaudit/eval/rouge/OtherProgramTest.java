package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plaudit.eval.rouge.Rouge.Overlap;

/**
 * Scores that another program published with its texts. It splits at blanks only, counts each run
 * of words once however often it is there, and takes ROUGE-L of the whole text; with texts made to
 * suit, the counts must be the same.
 */
class OtherProgramTest {

  @Test
  void precisionAndRecallAgree() throws IOException {
    JsonNode cases = new ObjectMapper().readTree(Files.readString(file()));

    assertThat(cases).isNotEmpty();
    for (JsonNode each : cases) {
      List<String> candidate = List.of(each.path("hyp").asText().split(" +", -1));
      List<String> reference = List.of(each.path("ref").asText().split(" +", -1));
      JsonNode scores = each.path("scores");
      assertAgrees(once(candidate, reference, 1), scores.path("rouge-1"));
      assertAgrees(once(candidate, reference, 2), scores.path("rouge-2"));
      assertAgrees(
          Rouge.ROUGE_L.of(List.of(candidate), List.of(reference)), scores.path("rouge-l"));
    }
  }

  /** Each run once: one word stands for a run, and no word twice. */
  private static Overlap once(List<String> candidate, List<String> reference, int n) {
    return Rouge.grams(List.copyOf(runs(candidate, n)), List.copyOf(runs(reference, n)), 1);
  }

  private static Set<String> runs(List<String> words, int n) {
    Set<String> runs = new HashSet<>();
    for (int i = 0; i + n <= words.size(); i++) {
      runs.add(String.join("_", words.subList(i, i + n)));
    }
    return runs;
  }

  private static void assertAgrees(Overlap overlap, JsonNode published) {
    assertThat(overlap.precision()).isCloseTo(published.path("p").asDouble(), within(1e-9));
    assertThat(overlap.recall()).isCloseTo(published.path("r").asDouble(), within(1e-9));
  }

  private static Path file() {
    Path root = Path.of(System.getProperty("plaudit.root", "")).toAbsolutePath();
    Path file = root.resolveSibling("shared").resolve("data/rouge/pltrdy_data.json");
    assumeTrue(Files.isRegularFile(file), () -> "skipped: no file " + file);
    return file;
  }
}
