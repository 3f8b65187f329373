package plaudit.node.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import plaudit.input.InvalidInputException;

/**
 * What holds for a run as a whole: {@code plaudit.run}.
 *
 * @param seed of everything random
 * @param directory that runs get their directories in
 * @param freeSpace bytes the disk must have before the run begins
 * @param metricsLinesPerSync lines of metrics between two waits for the disk
 */
public record RunSettings(long seed, Path directory, long freeSpace, int metricsLinesPerSync) {

  /** Reads {@code plaudit.run} of the whole configuration. */
  public static RunSettings from(Config config) {
    Config own = config.getConfig("plaudit.run");
    int lines = own.getInt("metrics-lines-per-sync");
    if (lines < 1) {
      throw InvalidInputException.of("plaudit.run.metrics-lines-per-sync", lines, ">= 1");
    }
    return new RunSettings(
        own.getLong("seed"),
        Path.of(own.getString("directory")),
        own.getMemorySize("free-space").toBytes(),
        lines);
  }
}
