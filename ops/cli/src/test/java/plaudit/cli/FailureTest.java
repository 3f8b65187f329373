package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;

class FailureTest {

  @Test
  void whatTheUserCanRepairIsExitCode2WithoutAHint() {
    Failure failure = Failure.of(InvalidInputException.of("max", 0, ">= 1"));

    assertThat(failure).isEqualTo(new Failure(2, "max: 0 (expected: >= 1)", ""));
  }

  @Test
  void configurationIsTheUsersToo() {
    ConfigException missing = new ConfigException.Missing("plaudit.x");

    assertThat(Failure.of(missing).exitCode()).isEqualTo(2);
    assertThat(Failure.of(missing).line()).contains("plaudit.x");
  }

  @Test
  void whatMayWorkLaterIsExitCode75() {
    Failure taken =
        Failure.of(
            UnavailableException.notBound(
                "plaudit.cluster", "ada", 17355, new BindException("Address already in use")));
    Failure wrong =
        Failure.of(
            UnavailableException.notBound(
                "plaudit.cluster", "ada", 17355, new BindException("Cannot assign address")));

    assertThat(taken.exitCode()).isEqualTo(75);
    assertThat(taken.line()).contains("ada:17355", "in use", "(expected: a free port");
    assertThat(wrong.exitCode()).isEqualTo(2);
  }

  @Test
  void anythingElseIsExitCode1AndSaysHowToLearnMore() {
    Failure failure = Failure.of(new IllegalStateException("no\n  more"));

    assertThat(failure.exitCode()).isEqualTo(1);
    assertThat(failure.line()).isEqualTo("IllegalStateException: no more");
    assertThat(failure.hint()).contains("--debug");
  }

  @Test
  void theDeepestCauseIsTold() {
    IOException full = new IOException("No space left on device");
    Throwable thrown = new IllegalStateException("no checkpoint", new RuntimeException(full));

    assertThat(Failure.of(thrown).line())
        .isEqualTo(
            "IllegalStateException: no checkpoint; caused by IOException: No space left on device");
    assertThat(Failure.of(new IllegalStateException(full)).line())
        .isEqualTo("IllegalStateException: java.io.IOException: No space left on device");
  }

  @Test
  void whatAFutureWrappedIsUnwrapped() {
    CompletionException wrapped =
        new CompletionException(new InvalidInputException("key: ? (expected: a key)"));

    assertThat(Failure.of(wrapped).exitCode()).isEqualTo(2);
    assertThat(Failure.of(wrapped).line()).isEqualTo("key: ? (expected: a key)");
  }

  @Test
  void aFileThatIsNotThereIsSaidInWords() {
    assertThat(Failure.of(new NoSuchFileException("/x/y")).line())
        .isEqualTo("no such file or directory: /x/y");
  }

  @Test
  void anExceptionWithoutAMessageIsNamed() {
    assertThat(Failure.of(new OutOfMemoryError("Java heap space")).line()).contains("PLAUDIT_HEAP");
    assertThat(Failure.of(new ArithmeticException()).line())
        .isEqualTo("ArithmeticException: java.lang.ArithmeticException");
  }

  @Test
  void aParseErrorOfHoconStaysOneLine() {
    try {
      ConfigFactory.parseString("a = [1,\n b\n }");
      throw new AssertionError("HOCON took it");
    } catch (ConfigException e) {
      assertThat(Failure.of(e).line()).doesNotContain("\n");
    }
  }
}
