package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plaudit.input.InvalidInputException;

/**
 * How a node finds the others and when it gives one up: {@code plaudit.cluster}.
 *
 * @param host the name by which others reach this node
 * @param bindHost the address to listen on, where it is another; may be empty
 * @param port 0 for any free one
 * @param seedNodes {@code host:port} of nodes to join; empty for a cluster of one
 * @param heartbeat time between two signs of life
 * @param heartbeatPause silence after which a node counts as unreachable
 * @param stableAfter how long the picture must be still before unreachable nodes are given up
 * @param joinTimeout how long to knock at the seed nodes before starting over
 * @param tls keys for encrypted connections between nodes
 */
public record ClusterSettings(
    String host,
    String bindHost,
    int port,
    List<String> seedNodes,
    Duration heartbeat,
    Duration heartbeatPause,
    Duration stableAfter,
    Duration joinTimeout,
    Tls tls) {

  private static final String PATH = "plaudit.cluster";

  /** The name of every actor system: nodes of other systems are refused. */
  public static final String SYSTEM = "plaudit";

  /**
   * Files in PEM form; all empty for none.
   *
   * @param certificate of this node
   * @param key its private key, PKCS #8
   * @param ca whose signature others must have
   */
  public record Tls(String certificate, String key, String ca) {
    public Tls {
      long set = List.of(certificate, key, ca).stream().filter(file -> !file.isEmpty()).count();
      if (set != 0 && set != 3) {
        throw InvalidInputException.of(
            PATH + ".tls", set + " of certificate, key, ca", "all three files or none");
      }
    }

    boolean enabled() {
      return !certificate.isEmpty();
    }
  }

  public ClusterSettings {
    seedNodes = List.copyOf(seedNodes);
    if (port < 0 || port > 65_535) {
      throw InvalidInputException.of(PATH + ".port", port, "0 to 65535");
    }
    for (String seed : seedNodes) {
      if (!seed.matches(".+:[1-9][0-9]{0,4}")) {
        throw InvalidInputException.of(PATH + ".seed-nodes", '"' + seed + '"', "host:port");
      }
    }
    positive("heartbeat", heartbeat);
    positive("heartbeat-pause", heartbeatPause);
    positive("stable-after", stableAfter);
    positive("join-timeout", joinTimeout);
  }

  /** Reads {@code plaudit.cluster} of the whole configuration. */
  public static ClusterSettings from(Config config) {
    Config own = config.getConfig(PATH);
    return new ClusterSettings(
        own.getString("host"),
        own.getString("bind-host"),
        own.getInt("port"),
        own.getStringList("seed-nodes"),
        own.getDuration("heartbeat"),
        own.getDuration("heartbeat-pause"),
        own.getDuration("stable-after"),
        own.getDuration("join-timeout"),
        new Tls(
            own.getString("tls.certificate"), own.getString("tls.key"), own.getString("tls.ca")));
  }

  /** Whether there are other nodes, or may be. */
  public boolean isMany() {
    return !seedNodes.isEmpty();
  }

  /** This node as {@link #seedNodes} names it; no other node finds one whose port is 0 so. */
  public String address() {
    return host + ":" + port;
  }

  /** The address to listen on. */
  public String listensOn() {
    return bindHost.isEmpty() ? host : bindHost;
  }

  /**
   * The same as Pekko's settings.
   *
   * @param roles what the cluster is to know of this node
   */
  public Config toPekko(Set<String> roles) {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("pekko.remote.artery.canonical.hostname", host);
    keys.put("pekko.remote.artery.canonical.port", port);
    keys.put("pekko.remote.artery.bind.hostname", listensOn());
    keys.put("pekko.cluster.roles", new ArrayList<>(roles));
    keys.put("pekko.cluster.seed-nodes", seedNodes.stream().map(this::address).toList());
    keys.put("pekko.cluster.failure-detector.heartbeat-interval", text(heartbeat));
    keys.put("pekko.cluster.failure-detector.acceptable-heartbeat-pause", text(heartbeatPause));
    keys.put("pekko.cluster.split-brain-resolver.stable-after", text(stableAfter));
    keys.put("pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes", text(joinTimeout));
    if (tls.enabled()) {
      String engine = "pekko.remote.artery.ssl.rotating-keys-engine.";
      keys.put("pekko.remote.artery.transport", "tls-tcp");
      keys.put(
          "pekko.remote.artery.ssl.ssl-engine-provider",
          "org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider");
      keys.put(engine + "cert-file", tls.certificate());
      keys.put(engine + "key-file", tls.key());
      keys.put(engine + "ca-cert-file", tls.ca());
    }
    return ConfigFactory.parseMap(keys);
  }

  private String address(String seed) {
    return "pekko://" + SYSTEM + "@" + seed;
  }

  private static String text(Duration duration) {
    return duration.toMillis() + "ms";
  }

  private static void positive(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw InvalidInputException.of(PATH + "." + key, value, "> 0s");
    }
  }
}
