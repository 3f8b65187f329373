package plaudit.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepeatedFaultsTest {

  private final AtomicLong nanos = new AtomicLong();
  private final RepeatedFaults filter = new RepeatedFaults(nanos::get);
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final Logger log = context.getLogger("plaudit.store");

  @BeforeEach
  void install() {
    context.addTurboFilter(filter);
    appender.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(appender);
  }

  @Test
  void ofThousandsOfTheSameTenAreLoggedAndTheRestCounted() {
    for (int i = 0; i < 3362; i++) {
      log.warn("cannot write judgment {}: {}", i, "disk full");
    }
    assertThat(messages()).hasSize(10).startsWith("cannot write judgment 0: disk full");

    nanos.addAndGet(RepeatedFaults.WINDOW.toNanos() + 1);
    log.warn("cannot write judgment {}: {}", 4000, "disk full");
    assertThat(messages().subList(10, 12))
        .containsExactly(
            "[3352] more like: cannot write judgment {}: {}",
            "cannot write judgment 4000: disk full");
    assertThat(appender.list.get(10).getLevel()).isEqualTo(Level.WARN);
  }

  @Test
  void textThatWasPutTogetherIsTheSameButForItsNumbers() {
    for (int i = 0; i < 30; i++) {
      log.error("heartbeat of node-" + i + " is " + 17 * i + " ms late");
    }
    assertThat(messages()).hasSize(10);
  }

  @Test
  void otherFaultsAndOtherWordsPass() {
    for (int i = 0; i < 30; i++) {
      log.warn("one");
      log.info("no fault");
    }
    log.warn("another");
    log.warn("one", new IOException("with a cause"));
    log.error("one");
    context.getLogger("plaudit.other").warn("one");

    assertThat(messages()).hasSize(10 + 30 + 4);
  }

  @Test
  void whatIsLeftIsToldAtTheEnd() {
    for (int i = 0; i < 12; i++) {
      log.warn("one");
    }
    filter.tell();
    filter.tell();

    assertThat(messages()).hasSize(11).endsWith("[2] more like: one");
  }

  @Test
  void aMinuteLaterTheSameIsNews() {
    for (int i = 0; i < 10; i++) {
      log.warn("one");
    }
    nanos.addAndGet(RepeatedFaults.WINDOW.toNanos() + 1);
    log.warn("one");

    assertThat(messages()).hasSize(11).doesNotContain("[0] more like: one");
  }

  private List<String> messages() {
    return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
