package plaudit.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LoggingTest {

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void aRunsLogHasWhatIsWorthAnInfoWhileItIsOpen() throws Exception {
    Path log = dir.resolve("run.log");
    try (AutoCloseable open = Logging.toFile(log)) {
      assertThat(open).isNotNull();
      LoggerFactory.getLogger("plaudit.test").info("version [{}] published", 3);
      LoggerFactory.getLogger("plaudit.test").debug("not this");
      LoggerFactory.getLogger("ai.djl.engine").info("nor this");
    }
    LoggerFactory.getLogger("plaudit.test").info("too late");

    assertThat(Files.readString(log))
        .contains("INFO  plaudit.test", "version [3] published")
        .doesNotContain("not this", "nor this", "too late");
  }
}
