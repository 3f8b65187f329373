package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;

/** An installation works in an empty directory, without sources and without Maven. */
class InstallationTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory;

  @BeforeEach
  void needsAnInstallation() {
    Installation.need();
  }

  @Test
  void itsLauncherWritesWithAModel() throws Exception {
    Path model = TinyModel.in(directory);
    try (NodeJvm generate =
        Installation.run(
            directory,
            "generate",
            "generate",
            "--model",
            model.toString(),
            "--prompt",
            "It was",
            "--max-new-tokens",
            "3",
            "--json")) {
      assertThat(generate.exit(PATIENCE)).as(generate.output()).isZero();
      assertThat(generate.output()).contains("\"tokens\"");
    }
  }

  /** What a container without arguments does. */
  @Test
  void theImagesEntryPointIsTheLauncher() throws Exception {
    List<String> command = new ArrayList<>(Installation.instruction("ENTRYPOINT"));
    command.addAll(Installation.instruction("CMD"));
    command.replaceAll(word -> word.replace(Installation.DEPLOYED, Installation.HERE.toString()));
    try (NodeJvm help =
        NodeJvm.command(directory, "help", command, Installation.environment(), 0)) {
      assertThat(help.exit(PATIENCE)).as(help.output()).isZero();
      assertThat(help.output()).contains("Usage: plaudit", "quickstart");
    }
  }

  @Test
  void theShippedModelAndDataAreInIt() {
    assertThat(Installation.HERE.resolve("models/novelist/model.safetensors")).isRegularFile();
    assertThat(Installation.HERE.resolve("data/openings/prompts.txt")).isRegularFile();
    assertThat(Installation.HERE.resolve("deploy/systemd/plaudit@.service")).isRegularFile();
    assertThat(Installation.HERE.resolve("dashboards/plaudit.json")).isRegularFile();
    assertThat(Installation.HERE.resolve("docs/deployment.md")).isRegularFile();
  }
}
