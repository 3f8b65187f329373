package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.JdbcLabels;
import plaudit.labels.Comparison;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.RunLabels;
import plaudit.tokens.Tokens;

/** {@code labels verify} and {@code labels backup} on the store of a run. */
class LabelsVerbTest {

  @TempDir private Path run;

  @BeforeEach
  void ask() throws Exception {
    Files.writeString(run.resolve("config.conf"), RunConfig.defaults(List.of()).render());
    try (JdbcLabels labels = open(run)) {
      labels.ask(
          List.of(
              new Comparison(
                  "q",
                  Tokens.of(1),
                  "It was",
                  List.of(
                      new Comparison.Sample(Tokens.of(2), "good", 0),
                      new Comparison.Sample(Tokens.of(3), "bad", 0)))));
    }
  }

  @Test
  void aStoreInUseIsVerifiedAndCopiedAndTheCopyIsAStore(@TempDir Path other) throws Exception {
    Path copy = other.resolve("labels.sqlite");
    try (JdbcLabels labels = open(run)) {
      assertThat(said("labels", "verify", "--run", run.toString())).contains("exit 0", "sound");
      assertThat(said("labels", "backup", copy.toString(), "--run", run.toString()))
          .contains("exit 0", copy + "  ", " bytes, sound");
      assertThat(labels.status().open()).isEqualTo(1);
    }
    Path config = other.resolve("gateway.conf");
    Files.writeString(config, "plaudit.gateway.store.url = \"jdbc:sqlite:" + copy + "\"");
    assertThat(said("labels", "verify", "--config", config.toString())).contains("exit 0", "sound");
  }

  @Test
  void whatDoesNotHoldIsALineAndExitCodeOne(@TempDir Path other) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + run.resolve("labels.sqlite"));
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE comparison SET admitted = 1");
    }
    assertThat(said("labels", "verify", "--run", run.toString()))
        .contains("exit 1", "a comparison counts its admitted judgments: q", "not sound: 2");
    assertThat(said("labels", "backup", other.resolve("copy").toString(), "--run", run.toString()))
        .contains("exit 1", "as unsound as the store");
    assertThat(other.resolve("copy")).exists();
  }

  @Test
  void postgresIsCopiedByItsOwnProgramAndARunWithoutAStoreHasNoCopy(@TempDir Path other)
      throws Exception {
    Path config = other.resolve("gateway.conf");
    Files.writeString(config, "plaudit.gateway.store.url = \"jdbc:postgresql://h/d\"");
    assertThat(said("labels", "backup", "copy", "--config", config.toString()))
        .contains("exit 2", "for PostgreSQL use pg_dump");

    Files.delete(run.resolve("labels.sqlite"));
    assertThat(said("labels", "backup", "copy", "--run", run.toString()))
        .contains("exit 2", run.resolve("labels.sqlite") + " (expected: a file)");
    assertThat(said("labels", "verify"))
        .contains("exit 2", "label store: expected either --run or --config");
  }

  private static JdbcLabels open(Path run) {
    return JdbcLabels.open(
        RunLabels.gateway(run).store(), InstantSource.system(), new SecureRandom());
  }

  private static String said(String... arguments) {
    StringWriter words = new StringWriter();
    PrintWriter out = new PrintWriter(words, true);
    int exit = Main.run(out, out, arguments);
    return words + "exit " + exit;
  }
}
