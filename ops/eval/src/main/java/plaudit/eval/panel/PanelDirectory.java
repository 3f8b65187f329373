package plaudit.eval.panel;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * Where a panel keeps what was judged:
 *
 * <pre>
 * panel.json      which evaluation this is
 * labels.sqlite   the questions and all answers
 * </pre>
 *
 * @param root the directory
 */
public record PanelDirectory(Path root) {

  /** Makes the directory, or checks that it is this evaluation's. */
  public static PanelDirectory open(Path root, HumanEvaluation evaluation) {
    PanelDirectory directory = new PanelDirectory(root);
    Path file = root.resolve("panel.json");
    try {
      if (Files.exists(file)) {
        directory.check(file, evaluation);
      } else if (Files.exists(directory.labels())) {
        throw InvalidInputException.of(
            "panel directory", root + ", which holds other labels", "a new directory");
      } else {
        AtomicFile.write(
            file,
            JsonFiles.indented(
                Map.of("ballot", evaluation.digest(), "queries", evaluation.sets().size())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the panel directory " + root, e);
    }
    return directory;
  }

  private void check(Path file, HumanEvaluation evaluation) throws IOException {
    JsonNode kept = JsonFiles.readObject(file);
    if (!evaluation.digest().equals(kept.path("ballot").asText())) {
      throw InvalidInputException.of(
          "panel directory",
          root + ", begun with other texts, overlap or seed",
          "the same as before, or a new directory");
    }
  }

  /** The label store's database. */
  Path labels() {
    return root.resolve("labels.sqlite");
  }
}
