package plaudit.node.config;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import plaudit.input.InvalidInputException;

/**
 * What holds for one node of a cluster: {@code plaudit.node} and {@code plaudit.snapshots}.
 *
 * @param cache where a node without the learner keeps the weights it fetched; empty for a temporary
 *     directory
 * @param delta whether it fetches only those blocks of a version that the one before does not have
 * @param compression whether what it fetches is compressed on its way
 * @param share whether it serves what it fetched to other nodes
 * @param waitForLearner how long a node without the learner looks for one before it ends
 * @param snapshotPort where the learner's node serves weights, 0 for any free port
 * @param downloads at a time
 */
public record NodeSettings(
    String cache,
    boolean delta,
    boolean compression,
    boolean share,
    Duration waitForLearner,
    int snapshotPort,
    int downloads) {

  public NodeSettings {
    if (snapshotPort < 0 || snapshotPort > 65_535) {
      throw InvalidInputException.of("plaudit.snapshots.port", snapshotPort, "0 to 65535");
    }
    if (downloads < 1) {
      throw InvalidInputException.of("plaudit.snapshots.downloads", downloads, ">= 1");
    }
    if (waitForLearner.isNegative()) {
      throw InvalidInputException.of("plaudit.node.wait-for-learner", waitForLearner, ">= 0s");
    }
  }

  /** Reads both sections of the whole configuration. */
  public static NodeSettings from(Config config) {
    return new NodeSettings(
        config.getString("plaudit.node.cache"),
        config.getBoolean("plaudit.node.delta"),
        config.getBoolean("plaudit.node.compression"),
        config.getBoolean("plaudit.node.share"),
        config.getDuration("plaudit.node.wait-for-learner"),
        config.getInt("plaudit.snapshots.port"),
        config.getInt("plaudit.snapshots.downloads"));
  }

  /** The cache's directory; {@code otherwise} where none is set. */
  public Path cacheOr(Path otherwise) {
    return cache.isEmpty() ? otherwise : Path.of(cache);
  }
}
