package plaudit.node.telemetry;

import com.typesafe.config.Config;
import java.nio.file.Path;
import plaudit.input.InvalidInputException;

/**
 * How logs are written: {@code plaudit.log}.
 *
 * @param format of a line
 * @param directory of the logs of nodes without the learner
 * @param fileBytes of one file, about
 * @param files of one log, the one that is written included
 */
record LogSettings(Format format, Path directory, long fileBytes, int files) {

  private static final int MOST_FILES = 20;

  /** The defaults, for a process that has read no configuration. */
  static final LogSettings DEFAULT = new LogSettings(Format.TEXT, Path.of("logs"), 20 << 20, 5);

  /** Of a line in a file. */
  enum Format {
    TEXT,
    JSON
  }

  LogSettings {
    if (fileBytes < 1024) {
      throw InvalidInputException.of("plaudit.log.file-size", fileBytes, ">= 1 KiB");
    }
    if (files < 2 || files > MOST_FILES) {
      throw InvalidInputException.of("plaudit.log.files", files, "2 to " + MOST_FILES);
    }
  }

  static LogSettings from(Config config) {
    Config own = config.getConfig("plaudit.log");
    String format = own.getString("format");
    if (!format.equals("text") && !format.equals("json")) {
      throw InvalidInputException.of("plaudit.log.format", format, "text or json");
    }
    return new LogSettings(
        format.equals("json") ? Format.JSON : Format.TEXT,
        Path.of(own.getString("directory")).normalize(),
        own.getMemorySize("file-size").toBytes(),
        own.getInt("files"));
  }
}
