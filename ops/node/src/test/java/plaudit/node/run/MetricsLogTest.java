package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

class MetricsLogTest {

  private Path dir;
  private Path file;

  @BeforeEach
  void nameTheFile(@TempDir Path temporary) {
    dir = temporary;
    file = dir.resolve("metrics.jsonl");
  }

  @Test
  void whatWasAppendedIsReadBackInOrder() {
    try (MetricsLog log = MetricsLog.open(file, 10)) {
      log.append(Map.of("update", 1));
      log.append(Map.of("update", 2L, "kl", 0.25));
    }

    List<Map<String, Number>> lines = MetricsLog.read(file);
    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).isEqualTo(Map.of("update", 1));
    assertThat(lines.get(1)).isEqualTo(Map.of("update", 2, "kl", 0.25));
  }

  @Test
  void aReopenedLogGoesOnWhereItWas() {
    for (int i = 0; i < 3; i++) {
      try (MetricsLog log = MetricsLog.open(file, 1)) {
        log.append(Map.of("i", i));
      }
    }

    assertThat(MetricsLog.read(file))
        .containsExactly(Map.of("i", 0), Map.of("i", 1), Map.of("i", 2));
  }

  /** A learner that goes on from checkpoint 2 makes 3 and 4 again. */
  @Test
  void whatARunToldOfUpdatesThatItMadeAgainIsLeftOut() {
    try (MetricsLog log = MetricsLog.open(file, 10)) {
      for (int update : new int[] {1, 2, 3, 4}) {
        log.append(Map.of("update", update, "seconds", update));
      }
      log.append(Map.of("labels", 7));
      log.append(Map.of("update", 3, "seconds", 13));
      log.append(Map.of("update", 4, "seconds", 14));
    }

    assertThat(MetricsLog.readLine(file))
        .containsExactly(
            Map.of("update", 1, "seconds", 1),
            Map.of("update", 2, "seconds", 2),
            Map.of("labels", 7),
            Map.of("update", 3, "seconds", 13),
            Map.of("update", 4, "seconds", 14));
  }

  @Test
  void aTornLastLineIsPassedOverAndThenCutOff() throws IOException {
    Files.writeString(file, "{\"i\":1}\n{\"i\":2");
    assertThat(MetricsLog.read(file)).hasSize(1);

    try (MetricsLog log = MetricsLog.open(file, 1)) {
      log.append(Map.of("i", 3));
    }

    assertThat(file).hasContent("{\"i\":1}\n{\"i\":3}\n");
  }

  @Test
  void numbersThatJsonDoesNotKnowAreLeftOut() throws IOException {
    try (MetricsLog log = MetricsLog.open(file, 1)) {
      log.append(Map.of("reward", Double.NaN));
      log.append(Map.of("reward", Float.POSITIVE_INFINITY));
    }

    assertThat(Files.readString(file)).isEqualTo("{\"reward\":null}\n{\"reward\":null}\n");
    assertThat(MetricsLog.read(file)).containsExactly(Map.of(), Map.of());
  }

  @Test
  void floatsAreWrittenAsShortAsTheyAre() throws IOException {
    try (MetricsLog log = MetricsLog.open(file, 1)) {
      log.append(Map.of("kl", 0.1f));
    }

    assertThat(Files.readString(file)).isEqualTo("{\"kl\":0.1}\n");
  }

  @Test
  void manyThreadsNeverMixTheirLines() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    try (MetricsLog log = MetricsLog.open(file, 100)) {
      for (int t = 0; t < 4; t++) {
        int id = t;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    log.append(Map.of("thread", id, "i", i));
                  }
                });
        threads.add(thread);
        thread.start();
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }

    List<Map<String, Number>> lines = MetricsLog.read(file);
    assertThat(lines).hasSize(400);
    for (int t = 0; t < 4; t++) {
      int id = t;
      assertThat(lines.stream().filter(line -> Objects.equals(line.get("thread"), id)))
          .containsExactlyElementsOf(
              IntStream.range(0, 100)
                  .<Map<String, Number>>mapToObj(i -> Map.of("thread", id, "i", i))
                  .toList());
    }
  }

  @Test
  void aLogThatIsNotThereHasNoLines() {
    assertThat(MetricsLog.read(dir.resolve("none"))).isEmpty();
  }

  @Test
  void aLineThatIsNoObjectOfNumbersIsNamed() throws IOException {
    Files.writeString(file, "{\"i\":1}\n", StandardOpenOption.CREATE);
    Files.writeString(file, "{\"i\":\"one\"}\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> MetricsLog.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("metrics.jsonl, line 2: {\"i\":\"one\"}");
  }

  @Test
  void linesAreReadFromTheFileInPartsAndNotKeptInMemory() {
    try (MetricsLog log = MetricsLog.open(file, 1000)) {
      for (int i = 1; i <= 3000; i++) {
        log.append(Map.of("update", i));
      }

      assertThat(log.lines(0, 2)).containsExactly("{\"update\":1}", "{\"update\":2}");
      assertThat(log.lines(2999, 1000)).containsExactly("{\"update\":3000}");
      assertThat(log.lines(3000, 1000)).isEmpty();
      assertThat(log.lines(-1, 1)).hasSize(1);
      assertThat(log.lines(0, 1000)).hasSize(1000);
    }
  }

  @Test
  void aLogThatIsOpenedAgainReadsItsLinesWithoutUpdatesThatWereUndone() {
    try (MetricsLog log = MetricsLog.open(file, 1)) {
      for (int update : new int[] {1, 2, 3, 2}) {
        log.append(Map.of("update", update));
      }
    }

    try (MetricsLog log = MetricsLog.open(file, 1)) {
      log.append(Map.of("update", 3));

      assertThat(log.lines(0, 10))
          .containsExactly("{\"update\":1}", "{\"update\":2}", "{\"update\":3}");
    }
  }
}
