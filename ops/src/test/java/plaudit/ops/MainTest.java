package plaudit.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import plaudit.ops.config.RunConfig;

class MainTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void helpNamesTheVerbsOnStandardOutput() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString()).contains("Usage: plaudit", "doctor", "Exit codes: 0 done");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void everyVerbExplainsItself() {
    assertThat(run("doctor", "--help")).isZero();

    assertThat(out.toString()).contains("Usage: plaudit doctor", "--json", "--debug");
  }

  @Test
  void theHelpOfRunListsEveryPreset() {
    assertThat(run("run", "--help")).isZero();

    assertThat(out.toString()).contains(RunConfig.PRESETS);
    assertThat(out.toString()).contains("--model", "--data", "--config", "--minutes");
  }

  @Test
  void aRunNeedsAConfigurationOrADirectoryToResume() {
    assertThat(run("run", "--model", "x")).isEqualTo(2);

    assertThat(err.toString()).isEqualTo("plaudit: run: expected either --config or --resume\n");
  }

  @Test
  void aRunWithoutAModelSaysSo() {
    assertThat(run("run", "--config", "tldr", "--data", "x")).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo("plaudit: plaudit.run.model: not set (expected: a path)\n");
  }

  @Test
  void theVersionIsTheBuilds() {
    assertThat(run("--version")).isZero();

    assertThat(out.toString()).matches("(?s)plaudit \\d+\\.\\d+\\.\\d+.*java \\d+.*");
  }

  @Test
  void noVerbAtAllIsWrongUsage() {
    assertThat(run()).isEqualTo(2);

    assertThat(err.toString()).contains("Usage: plaudit");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anUnknownVerbIsOneLineAndWrongUsage() {
    assertThat(run("docto")).isEqualTo(2);

    assertThat(err.toString().lines().toList()).hasSize(1);
    assertThat(err.toString()).startsWith("plaudit: ").contains("did you mean", "doctor");
  }

  @Test
  void anUnknownOptionIsOneLineAndWrongUsage() {
    assertThat(run("doctor", "--prot", "1")).isEqualTo(2);

    assertThat(err.toString().lines().toList()).hasSize(1);
    assertThat(err.toString()).contains("--prot", "--port", "plaudit doctor --help");
  }

  @Test
  void debugShowsWhereItWentWrong() {
    assertThat(run("doctor", "--port", "many", "--debug")).isEqualTo(2);

    assertThat(err.toString()).contains("ParameterException").contains("plaudit: ");
  }

  private int run(String... args) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }
}
