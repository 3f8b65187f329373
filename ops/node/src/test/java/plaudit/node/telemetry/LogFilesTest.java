package plaudit.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.InvalidInputException;
import plaudit.node.config.RunConfig;

/** Log files of nodes: whose they are, what a line has, how large they get. */
class LogFilesTest {

  private static final Logger LOG = LoggerFactory.getLogger("plaudit.logfiles");

  @TempDir private Path directory;

  @BeforeEach
  void logInTestsToo() {
    ((ch.qos.logback.classic.Logger) LOG).setLevel(Level.INFO);
  }

  @AfterEach
  void asBefore() {
    Logging.configure(RunConfig.defaults(List.of()).config(), Map.of());
  }

  @Test
  void twoNodesOfOneMachineHaveAFileEachAndALaterOneGoesOnWithTheFirst() throws IOException {
    configure();
    try (Logging.LogFile one = Logging.ofNode("sampler")) {
      assertThat(one).isNotNull();
      LOG.info("one");
      try (Logging.LogFile two = Logging.ofNode("sampler")) {
        assertThat(two).isNotNull();
        LOG.info("both");
      }
    }
    try (Logging.LogFile later = Logging.ofNode("sampler")) {
      assertThat(later).isNotNull();
      LOG.info("later");
    }

    assertThat(messages("sampler.log")).containsExactly("one", "both", "later");
    assertThat(messages("sampler-2.log")).containsExactly("both");
  }

  @Test
  void aDirectoryThatCannotBeWrittenStopsNoNode() throws IOException {
    Files.writeString(directory.resolve("logs"), "a file");
    configure();
    try (Logging.LogFile none = Logging.ofNode("sampler")) {
      assertThat(none).isNotNull();
    }
  }

  @Test
  void aLineOfJsonNamesVersionNodeAndRunAndHasTheCause() throws IOException {
    configure("log.format=json");
    Path run = Files.createDirectories(directory.resolve("quickstart-1"));
    try (Logging.LogFile log = Logging.toFile(run.resolve("run.log"))) {
      assertThat(log).isNotNull();
      IOException full = new IOException("No space left on device");
      LOG.warn("version [{}] is late", 3, new UncheckedIOException("cannot write x", full));
    }

    JsonNode line = new ObjectMapper().readTree(Files.readString(run.resolve("run.log")));
    assertThat(line.path("formattedMessage").asText()).isEqualTo("version [3] is late");
    assertThat(line.path("level").asText()).isEqualTo("WARN");
    assertThat(line.path("context").path("properties").toString())
        .contains("\"version\":\"1.2.3\"", "\"node\":\"sampler\"", "\"run\":\"quickstart-1\"");
    assertThat(line.path("throwable").path("cause").path("message").asText())
        .isEqualTo("No space left on device");
  }

  @Test
  void aTextLineIsFollowedByTheStackTraceWithItsCauses() throws IOException {
    configure();
    Path file = directory.resolve("run.log");
    try (Logging.LogFile log = Logging.toFile(file)) {
      assertThat(log).isNotNull();
      LOG.info("it failed", new IllegalStateException("no", new IOException("No space left")));
    }

    assertThat(Files.readString(file))
        .contains("INFO  plaudit.logfiles", "it failed")
        .contains("IllegalStateException: no", "Caused by: java.io.IOException: No space left");
  }

  @Test
  void fullFilesAreRenamedAndTheOldestDeleted() throws IOException {
    configure("log.file-size=1 KiB", "log.files=3");
    Path odd = Files.createDirectories(directory.resolve("a%20b %i"));
    try (Logging.LogFile log = Logging.toFile(odd.resolve("run.log"))) {
      assertThat(log).isNotNull();
      for (int i = 0; i < 30; i++) {
        LOG.info("x".repeat(200));
      }
    }

    try (Stream<Path> files = Files.list(odd)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("run.log", "run.log.1", "run.log.2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"log.format=xml", "log.files=1", "log.files=21", "log.file-size=1"})
  void whatMakesNoSenseIsRefused(String setting) {
    assertThatThrownBy(() -> configure(setting))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("plaudit." + setting.substring(0, setting.indexOf('=')));
  }

  private void configure(String... settings) {
    List<String> all =
        Stream.concat(
                Stream.of("run.directory=\"" + directory.resolve("runs") + "\""),
                Stream.of(settings))
            .toList();
    Config config = RunConfig.defaults(all).config();
    Logging.configure(config, Map.of("version", "1.2.3", "node", "sampler"));
  }

  private List<String> messages(String name) throws IOException {
    return Files.readAllLines(directory.resolve("logs").resolve(name)).stream()
        .map(line -> line.substring(line.lastIndexOf(' ') + 1))
        .toList();
  }
}
