package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

/** Stores that an older version has written; {@code PostgresTest} has those of PostgreSQL. */
class MigrationTest {

  private final Path directory;

  MigrationTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void anH2FileIsNotPassedOverAndTheMessageSaysWhereItsLabelsGo() throws IOException {
    Path old = Files.createFile(directory.resolve("labels.mv.db"));

    assertThatThrownBy(() -> Stores.open(directory))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "label store: %s is an H2 file (expected: %s; labels of an H2 file are exported by the"
                + " release that wrote it and imported by this one, CHANGELOG.md says how)",
            old, directory.resolve("labels.sqlite"));
    assertThat(directory.resolve("labels.sqlite")).doesNotExist();
  }

  @Test
  void besideItsSuccessorAnH2FileIsOfNoInterest() throws IOException {
    Stores.open(directory).close();
    Files.createFile(directory.resolve("labels.mv.db"));

    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(labels.ask(Comparisons.some("c", 2))).isEqualTo(2);
    }
  }
}
