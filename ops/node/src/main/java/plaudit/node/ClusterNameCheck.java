package plaudit.node;

import com.typesafe.config.Config;
import java.util.List;
import org.apache.pekko.cluster.ConfigValidation;
import org.apache.pekko.cluster.Invalid;
import org.apache.pekko.cluster.JoinConfigCompatChecker;
import org.apache.pekko.cluster.Valid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.node.config.ClusterSettings;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Lets a node join a cluster of its own cluster's name only. Pekko makes it and asks on both sides:
 * the member that was asked for admission, and the node that asked.
 */
public final class ClusterNameCheck extends JoinConfigCompatChecker {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterNameCheck.class);
  private static final String KEY = ClusterSettings.NAME_KEY;

  /** What nodes have whose program knows no name. */
  private static final String DEFAULT = "plaudit";

  @Override
  public Seq<String> requiredKeys() {
    return seq(KEY);
  }

  @Override
  public ConfigValidation check(Config other, Config own) {
    String theirs = name(other);
    String ours = name(own);
    if (theirs.equals(ours)) {
      return Valid.getInstance();
    }
    String sentence = "%s: %s (expected: %s)".formatted(KEY, theirs, ours);
    LOG.warn("a node of another cluster is refused: {}", sentence);
    return new Invalid(seq(sentence));
  }

  private static String name(Config config) {
    return config.hasPath(KEY) ? config.getString(KEY) : DEFAULT;
  }

  private static Seq<String> seq(String one) {
    return CollectionConverters.asScala(List.of(one)).toSeq();
  }
}
