package plaudit.eval.panel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.panel.HumanEvaluation.ResponseSet;
import plaudit.input.InvalidInputException;

class PanelDirectoryTest {

  private static final List<ResponseSet> SETS = List.of(new ResponseSet("q", List.of("a", "b")));

  @TempDir private Path dir;

  @Test
  void theSameBallotGoesOnAndAnotherIsRefused() {
    Path root = dir.resolve("panel");
    PanelDirectory.open(root, new HumanEvaluation(SETS, 3, 1));

    assertThat(PanelDirectory.open(root, new HumanEvaluation(SETS, 3, 1)).root()).isEqualTo(root);
    assertThatThrownBy(() -> PanelDirectory.open(root, new HumanEvaluation(SETS, 5, 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("begun with other texts, overlap or seed");
  }

  @Test
  void labelsOfARunAreNoPanel() throws IOException {
    Files.createFile(dir.resolve("labels.sqlite"));

    assertThatThrownBy(() -> PanelDirectory.open(dir, new HumanEvaluation(SETS, 3, 1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("which holds other labels");
  }
}
