package plaudit.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;

/**
 * How a node finds the others and when it gives one up: {@code plaudit.cluster}.
 *
 * @param name of the cluster: nodes that were given another one cannot join
 * @param host the name by which others reach this node; IPv6 without brackets
 * @param bindHost the address to listen on, where it is another; may be empty
 * @param port 0 for any free one
 * @param seedNodes {@code host:port} of nodes to join, IPv6 in brackets; empty for a cluster of one
 * @param heartbeat time between two signs of life
 * @param heartbeatPause silence after which a node counts as unreachable
 * @param stableAfter how long the picture must be still before unreachable nodes are given up
 * @param gossip time between two messages to a member about what changed
 * @param joinTimeout how long to knock at the seed nodes before starting over
 * @param tls keys for encrypted connections between nodes
 */
public record ClusterSettings(
    String name,
    String host,
    String bindHost,
    int port,
    List<String> seedNodes,
    Duration heartbeat,
    Duration heartbeatPause,
    Duration stableAfter,
    Duration gossip,
    Duration joinTimeout,
    Tls tls) {

  private static final String PATH = "plaudit.cluster";
  private static final String BY_SIZE = "by-size";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern SEED = Pattern.compile("([^:]+|\\[[^]]+]):([1-9][0-9]{0,4})");
  private static final String A_HOST =
      "an IP address, or a name of letters, digits, '-' and '.': no '_'";

  /** Where the cluster's name is. */
  public static final String NAME_KEY = PATH + ".name";

  /** The name of every actor system, whatever the cluster's name is: it is in every address. */
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
      readable("certificate", certificate);
      readable("key", key);
      readable("ca", ca);
    }

    private static void readable(String name, String file) {
      if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
        throw InvalidInputException.of(PATH + ".tls." + name, file, "a PEM file that can be read");
      }
    }

    boolean enabled() {
      return !certificate.isEmpty();
    }
  }

  /** Times for about so many nodes; what is larger sends less, and notices later. */
  private enum Size {
    SMALL(500, 2_000, 7_000, 500),
    MEDIUM(1_000, 5_000, 20_000, 1_000),
    LARGE(1_000, 10_000, 30_000, 1_000);

    private final Duration heartbeat;
    private final Duration heartbeatPause;
    private final Duration stableAfter;
    private final Duration gossip;

    Size(long heartbeat, long heartbeatPause, long stableAfter, long gossip) {
      this.heartbeat = Duration.ofMillis(heartbeat);
      this.heartbeatPause = Duration.ofMillis(heartbeatPause);
      this.stableAfter = Duration.ofMillis(stableAfter);
      this.gossip = Duration.ofMillis(gossip);
    }

    static Size of(String word) {
      for (Size size : values()) {
        if (size.name().toLowerCase(Locale.ROOT).equals(word)) {
          return size;
        }
      }
      throw InvalidInputException.of(PATH + ".size", word, "small, medium or large");
    }
  }

  public ClusterSettings {
    if (!NAME.matcher(name).matches()) {
      throw InvalidInputException.of(NAME_KEY, name, "1 to 64 letters, digits, '.', '_' or '-'");
    }
    host = bare(host);
    bindHost = bare(bindHost);
    seedNodes = List.copyOf(seedNodes);
    if (!isHost(host)) {
      throw InvalidInputException.of(PATH + ".host", host, A_HOST);
    }
    if (port < 0 || port > 65_535) {
      throw InvalidInputException.of(PATH + ".port", port, "0 to 65535");
    }
    for (String seed : seedNodes) {
      Matcher parts = SEED.matcher(seed);
      if (!parts.matches() || !isHost(bare(parts.group(1)))) {
        throw InvalidInputException.of(
            PATH + ".seed-nodes",
            '"' + seed + '"',
            "host:port, an IPv6 address in brackets; " + A_HOST);
      }
    }
    positive("heartbeat", heartbeat);
    positive("heartbeat-pause", heartbeatPause);
    if (heartbeat.compareTo(heartbeatPause) >= 0) {
      throw InvalidInputException.of(
          PATH + ".heartbeat-pause",
          text(heartbeatPause),
          "longer than heartbeat, " + text(heartbeat));
    }
    positive("stable-after", stableAfter);
    positive("gossip", gossip);
    positive("join-timeout", joinTimeout);
  }

  /** Reads {@code plaudit.cluster} of the whole configuration. */
  public static ClusterSettings from(Config config) {
    Config own = config.getConfig(PATH);
    Size size = Size.of(own.getString("size"));
    return new ClusterSettings(
        own.getString("name"),
        own.getString("host"),
        own.getString("bind-host"),
        own.getInt("port"),
        own.getStringList("seed-nodes"),
        time(own, "heartbeat", size.heartbeat),
        time(own, "heartbeat-pause", size.heartbeatPause),
        time(own, "stable-after", size.stableAfter),
        time(own, "gossip", size.gossip),
        own.getDuration("join-timeout"),
        new Tls(
            own.getString("tls.certificate"), own.getString("tls.key"), own.getString("tls.ca")));
  }

  private static Duration time(Config own, String key, Duration bySize) {
    return own.getString(key).equals(BY_SIZE) ? bySize : own.getDuration(key);
  }

  /** Whether there are other nodes, or may be. */
  public boolean isMany() {
    return !seedNodes.isEmpty();
  }

  /** This node as {@link #seedNodes} names it; no other node finds one whose port is 0 so. */
  public String address() {
    return inAnAddress(host) + ":" + port;
  }

  /**
   * Checks that the learner's node can begin the cluster, which only a seed node does.
   *
   * @throws InvalidInputException if other nodes would be asked for a cluster that is not there
   */
  public void requireOwnSeed() {
    if (!seedNodes.contains(address())) {
      throw InvalidInputException.of(
          PATH + ".seed-nodes",
          seedNodes,
          "the learner's own address among them, which is " + address());
    }
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
    keys.put("pekko.remote.artery.canonical.hostname", inAnAddress(host));
    keys.put("pekko.remote.artery.canonical.port", port);
    keys.put("pekko.remote.artery.bind.hostname", listensOn());
    keys.put("pekko.cluster.roles", new ArrayList<>(roles));
    keys.put("pekko.cluster.seed-nodes", seedNodes.stream().map(this::address).toList());
    keys.put("pekko.cluster.failure-detector.heartbeat-interval", text(heartbeat));
    keys.put("pekko.cluster.failure-detector.acceptable-heartbeat-pause", text(heartbeatPause));
    keys.put("pekko.cluster.split-brain-resolver.stable-after", text(stableAfter));
    keys.put("pekko.cluster.gossip-interval", text(gossip));
    keys.put("pekko.actor.typed.receptionist.distributed-data.gossip-interval", text(gossip));
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

  /** Whether addresses of actors can have it, which are URIs. */
  private static boolean isHost(String host) {
    try {
      return new URI("pekko", SYSTEM, inAnAddress(host), 1, null, null, null).getHost() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  private static String inAnAddress(String host) {
    return host.contains(":") ? "[" + host + "]" : host;
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
