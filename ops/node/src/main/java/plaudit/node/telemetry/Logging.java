package plaudit.node.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.FileAppender;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go. Warnings go to standard error ({@code logback.xml}); a run also writes
 * everything from INFO up to its {@code run.log}.
 */
public final class Logging {

  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{36} [%thread] %msg%n";

  private Logging() {}

  /** Shows Plaudit's own DEBUG lines, with stack traces, on standard error. */
  public static void showDetails() {
    LoggerContext context = context();
    context.getLogger("plaudit").setLevel(Level.DEBUG);
    Appender<ILoggingEvent> console =
        context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDERR");
    console.clearAllFilters();
    if (console instanceof ch.qos.logback.core.ConsoleAppender<ILoggingEvent> appender) {
      PatternLayoutEncoder encoder = encoder(context);
      appender.setEncoder(encoder);
    }
  }

  /** Also appends what is INFO or worse to {@code file}, until closed. */
  public static LogFile toFile(Path file) {
    LoggerContext context = context();
    ThresholdFilter threshold = new ThresholdFilter();
    threshold.setLevel("INFO");
    threshold.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(context);
    appender.setName(file.toString());
    appender.setFile(file.toString());
    appender.setEncoder(encoder(context));
    appender.addFilter(threshold);
    appender.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    return () -> {
      root.detachAppender(appender);
      appender.stop();
    };
  }

  /** A log file in use. */
  public interface LogFile extends AutoCloseable {
    @Override
    void close();
  }

  private static PatternLayoutEncoder encoder(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
