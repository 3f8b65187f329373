package plaudit.node.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.RollingPolicy;
import ch.qos.logback.core.rolling.RollingPolicyBase;
import ch.qos.logback.core.rolling.RolloverFailure;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.files.LockFile;

/**
 * Where log lines go. Warnings go to standard error ({@code logback.xml}); a run also writes
 * everything from INFO up to its {@code run.log}, and every other node to a file of its own. Full
 * files are renamed {@code run.log.1} and so on, and the oldest deleted.
 */
public final class Logging {

  private static final Logger LOG = LoggerFactory.getLogger(Logging.class);
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{36} [%thread] %msg%n";
  private static final Duration AT_EACH_LINE = Duration.buildByMilliseconds(0);
  private static final int NODES_AT_MOST = 1000;

  private static volatile LogSettings settings = LogSettings.DEFAULT;

  private Logging() {}

  /**
   * Says how files are written that are opened from now on.
   *
   * @param config the whole configuration
   * @param facts what lines in JSON say of the process, such as its version, by name
   */
  public static void configure(Config config, Map<String, String> facts) {
    settings = LogSettings.from(config);
    facts.forEach(context()::putProperty);
  }

  /** What {@link #configure} was told of the process under this name; else "unknown". */
  static String fact(String name) {
    return Optional.ofNullable(context().getProperty(name)).orElse("unknown");
  }

  /** Shows Plaudit's own DEBUG lines, with stack traces, on standard error. */
  public static void showDetails() {
    LoggerContext context = context();
    context.getLogger("plaudit").setLevel(Level.DEBUG);
    Appender<ILoggingEvent> console =
        context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDERR");
    console.clearAllFilters();
    if (console instanceof ch.qos.logback.core.ConsoleAppender<ILoggingEvent> appender) {
      appender.setEncoder(text(context));
    }
  }

  /**
   * Also appends what is INFO or worse to {@code file}, until closed. Lines in JSON name the run by
   * the file's directory.
   */
  public static LogFile toFile(Path file) {
    Path directory = file.toAbsolutePath().normalize().getParent();
    if (directory != null) {
      context().putProperty("run", String.valueOf(directory.getFileName()));
    }
    return open(file);
  }

  /**
   * The same for a node without a run's directory: to {@code name.log} in {@code
   * plaudit.log.directory}, or {@code name-2.log} and so on while another process has that. A node
   * is not worth less where that cannot be written: it goes on, with a warning.
   */
  public static LogFile ofNode(String name) {
    Path directory = settings.directory();
    try {
      FileTree.create(directory);
      for (int i = 1; i <= NODES_AT_MOST; i++) {
        String own = i == 1 ? name : name + "-" + i;
        Optional<LockFile> lock = LockFile.take(directory.resolve(own + ".lock"));
        if (lock.isPresent()) {
          LogFile file = open(directory.resolve(own + ".log"));
          return () -> {
            file.close();
            release(lock.get());
          };
        }
      }
      throw new IOException("more than " + NODES_AT_MOST + " nodes log there");
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("this node keeps no log in [{}]; plaudit.log.directory sets another", directory, e);
      return () -> {};
    }
  }

  /** A log file in use. */
  public interface LogFile extends AutoCloseable {
    @Override
    void close();
  }

  private static LogFile open(Path file) {
    LoggerContext context = context();
    LogSettings how = settings;
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setName(file.toString());
    appender.setFile(file.toString());
    appender.setEncoder(how.format() == LogSettings.Format.JSON ? json(context) : text(context));
    appender.addFilter(fromInfo());

    RollingPolicy names = new Numbered(file, how.files());
    names.setParent(appender);
    names.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(new FileSize(how.fileBytes()));
    size.setCheckIncrement(AT_EACH_LINE);
    size.start();
    appender.setRollingPolicy(names);
    appender.setTriggeringPolicy(size);
    appender.start();

    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    return () -> {
      context.getTurboFilterList().stream()
          .filter(RepeatedFaults.class::isInstance)
          .forEach(filter -> ((RepeatedFaults) filter).tell());
      root.detachAppender(appender);
      appender.stop();
    };
  }

  /** Renames {@code run.log} to {@code run.log.1}; Logback's own knows no directory with a '%'. */
  private static final class Numbered extends RollingPolicyBase {

    private final Path file;
    private final int files;

    private Numbered(Path file, int files) {
      this.file = file;
      this.files = files;
    }

    @Override
    public void rollover() {
      try {
        for (int i = files - 1; i >= 1; i--) {
          Path from = i == 1 ? file : numbered(i - 1);
          if (Files.exists(from)) {
            AtomicFile.rename(from, numbered(i));
          }
        }
      } catch (IOException e) {
        throw new RolloverFailure("cannot rename " + file, e);
      }
    }

    private Path numbered(int i) {
      return file.resolveSibling(file.getFileName() + "." + i);
    }

    @Override
    public String getActiveFileName() {
      return file.toString();
    }
  }

  private static void release(LockFile lock) {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("cannot close the lock of a log", e);
    }
  }

  private static ThresholdFilter fromInfo() {
    ThresholdFilter threshold = new ThresholdFilter();
    threshold.setLevel("INFO");
    threshold.start();
    return threshold;
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }

  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }
}
