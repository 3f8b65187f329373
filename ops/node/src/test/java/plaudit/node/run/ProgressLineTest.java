package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

  private final StringWriter screen = new StringWriter();
  private Instant now = Instant.EPOCH;

  @Test
  void onATerminalTheLineIsDrawnOverAgain() {
    try (ProgressLine line = ProgressLine.live(new PrintWriter(screen), 80, () -> now)) {
      line.show("one");
      now = now.plusSeconds(1);
      line.show("two");
    }

    assertThat(screen.toString()).isEqualTo("\r\u001b[Kone\r\u001b[Ktwo" + System.lineSeparator());
  }

  @Test
  void itIsNotDrawnMoreOftenThanPeopleCanRead() {
    try (ProgressLine line = ProgressLine.live(new PrintWriter(screen), 80, () -> now)) {
      for (int i = 0; i < 1000; i++) {
        now = now.plusMillis(1);
        line.show("step " + i);
      }
    }

    assertThat(screen.toString().split("\r", -1)).hasSizeLessThan(15);
    assertThat(screen.toString()).endsWith("step 999" + System.lineSeparator());
  }

  @Test
  void aLineTooLongForTheWindowIsCut() {
    try (ProgressLine line = ProgressLine.live(new PrintWriter(screen), 20, () -> now)) {
      line.show("abcdefghijklmnopqrstuvwxyz");
    }

    assertThat(screen.toString()).contains("abcdefghijklmnopqr…").doesNotContain("s…");
  }

  @Test
  void aMessageStaysAboveTheLine() {
    try (ProgressLine line = ProgressLine.live(new PrintWriter(screen), 80, () -> now)) {
      line.show("working");
      line.say("checkpoint written");
    }

    String newline = System.lineSeparator();
    assertThat(screen.toString())
        .isEqualTo("\r\u001b[Kworking\r\u001b[Kcheckpoint written" + newline + "working" + newline);
  }

  @Test
  void inAFileThereIsALineNowAndThenAndALastOne() {
    Duration pause = Duration.ofSeconds(15);
    try (ProgressLine line = ProgressLine.plain(new PrintWriter(screen), pause, () -> now)) {
      for (int second = 0; second <= 31; second++) {
        line.show("at " + second);
        now = now.plusSeconds(1);
      }
    }

    assertThat(screen.toString().lines().toList())
        .isEqualTo(List.of("at 0", "at 15", "at 30", "at 31"));
  }

  @Test
  void nothingIsPrintedWhereNothingWasShown() {
    ProgressLine.live(new PrintWriter(screen), 80, () -> now).close();

    assertThat(screen.toString()).isEmpty();
  }
}
