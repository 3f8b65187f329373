package plaudit.gateway.http;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import plaudit.files.Sha256;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;

/**
 * Everything about the gateway that can be set.
 *
 * @param host address to listen on; IPv6 without brackets
 * @param port TCP port, 0 for any free one
 * @param guideline what people are told to judge by
 * @param vendors who may use the API, by hashed key; several keys of one name may live at once
 * @param operators whose keys may clear a stop, steer and invite people; by hashed key as well
 * @param rate requests per second of one key, sustained
 * @param burst requests of one key at once
 * @param maxBody bytes of a request body
 * @param maxBatchBody bytes of a batch's body
 * @param maxWait how long a request for tasks may wait at most
 * @param requestTimeout when a request that is being done is given up with 503
 * @param drain how long requests in progress may take after a stop was asked for
 * @param limits what may wait, and who may connect
 * @param page the two pages
 * @param store where labels are kept
 */
public record GatewaySettings(
    String host,
    int port,
    String guideline,
    List<VendorKey> vendors,
    List<VendorKey> operators,
    double rate,
    int burst,
    int maxBody,
    int maxBatchBody,
    Duration maxWait,
    Duration requestTimeout,
    Duration drain,
    Limits limits,
    Page page,
    StoreSettings store) {

  private static final String PATH = "plaudit.gateway";
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]+(\\.[0-9]+){3}|\\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*(%.+)?]?");

  /**
   * What keeps the gateway answering when too much is asked of it.
   *
   * @param waiting requests that may wait for a task
   * @param wrongKeys wrong keys of one address in a minute
   * @param judgments what may wait for a thread to give work back
   * @param leases what may wait for a thread to take work
   * @param lists what may wait for a thread to look something up
   * @param connections who may connect
   */
  public record Limits(
      int waiting,
      int wrongKeys,
      Bound judgments,
      Bound leases,
      Bound lists,
      Connections connections) {

    public Limits {
      positive("waiting", waiting);
      positive("wrong-keys", wrongKeys);
      judgments.check("judgments");
      leases.check("leases");
      lists.check("lists");
    }

    private static Limits from(Config limits) {
      return new Limits(
          limits.getInt("waiting"),
          limits.getInt("wrong-keys"),
          Bound.from(limits.getConfig("judgments")),
          Bound.from(limits.getConfig("leases")),
          Bound.from(limits.getConfig("lists")),
          Connections.from(limits.getConfig("connections")));
    }

    /** The longest that a request may wait for a thread. */
    Duration longestWait() {
      return Stream.of(judgments, leases, lists)
          .map(Bound::longest)
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }

    private static void positive(String name, int value) {
      if (value < 1) {
        throw InvalidInputException.of(PATH + ".limits." + name, value, ">= 1");
      }
    }

    private static void positive(String name, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw InvalidInputException.of(PATH + ".limits." + name, value, "> 0s");
      }
    }
  }

  /**
   * How many requests of a kind may wait for a thread.
   *
   * @param places how many
   * @param longest how long each
   */
  public record Bound(int places, Duration longest) {
    private static Bound from(Config bound) {
      return new Bound(bound.getInt("places"), bound.getDuration("wait"));
    }

    private void check(String name) {
      Limits.positive(name + ".places", places);
      Limits.positive(name + ".wait", longest);
    }
  }

  /**
   * Who may connect.
   *
   * @param total connections at once
   * @param perAddress connections of one address at once, but for this machine's own
   * @param proxies addresses that may have as many as there are in all
   * @param silence when a new connection is closed on which no request has come
   * @param idle when a connection is closed on which no further request has come
   */
  public record Connections(
      int total, int perAddress, List<String> proxies, Duration silence, Duration idle) {
    public Connections {
      proxies = proxies.stream().map(Connections::address).toList();
      Limits.positive("connections.total", total);
      Limits.positive("connections.per-address", perAddress);
      Limits.positive("connections.silence", silence);
      Limits.positive("connections.idle", idle);
    }

    /** Without asking name servers, and spelt as Java spells it. */
    private static String address(String proxy) {
      try {
        if (ADDRESS.matcher(proxy).matches()) {
          return InetAddress.getByName(proxy).getHostAddress();
        }
      } catch (UnknownHostException e) {
        // Refused below.
      }
      throw InvalidInputException.of(
          PATH + ".limits.connections.proxies", '"' + proxy + '"', "an IP address");
    }

    private static Connections from(Config connections) {
      return new Connections(
          connections.getInt("total"),
          connections.getInt("per-address"),
          connections.getStringList("proxies"),
          connections.getDuration("silence"),
          connections.getDuration("idle"));
    }
  }

  /**
   * The pages.
   *
   * @param enabled whether they are served
   * @param remote whether people on other machines may use them, by invitation
   * @param hosts names under which they may be addressed besides localhost and IP addresses
   * @param publicUrl where a proxy serves them
   * @param session how long a browser stays the same labeler
   */
  public record Page(
      boolean enabled,
      boolean remote,
      List<String> hosts,
      Optional<PublicUrl> publicUrl,
      Duration session) {
    public Page {
      hosts = List.copyOf(hosts);
      if (session.isNegative() || session.isZero()) {
        throw InvalidInputException.of(PATH + ".page.session", session, "> 0s");
      }
    }

    private static Page from(Config page) {
      String url = page.getString("public-url");
      return new Page(
          page.getBoolean("enabled"),
          page.getBoolean("remote"),
          page.getStringList("hosts"),
          url.isEmpty() ? Optional.empty() : Optional.of(PublicUrl.of(url)),
          page.getDuration("session"));
    }
  }

  public GatewaySettings {
    host = host.replaceAll("^\\[(.*)]$", "$1");
    vendors = List.copyOf(vendors);
    operators = List.copyOf(operators);
    if (port < 0 || port > 65535) {
      throw InvalidInputException.of(PATH + ".port", port, "0 to 65535");
    }
    if (!(rate > 0)) {
      throw InvalidInputException.of(PATH + ".rate", rate, "> 0 requests per second");
    }
    if (burst < 1) {
      throw InvalidInputException.of(PATH + ".burst", burst, ">= 1");
    }
    if (maxBody < 1024) {
      throw InvalidInputException.of(PATH + ".max-body", maxBody, ">= 1 KiB");
    }
    if (maxBatchBody < maxBody) {
      throw InvalidInputException.of(PATH + ".max-batch-body", maxBatchBody, ">= max-body");
    }
  }

  /** Reads {@code plaudit.gateway} of a whole configuration. */
  public static GatewaySettings from(Config config) {
    Config gateway = config.getConfig(PATH);
    return new GatewaySettings(
        gateway.getString("host"),
        gateway.getInt("port"),
        gateway.getString("guideline"),
        gateway.getConfigList("vendors").stream().map(VendorKey::from).toList(),
        gateway.getConfigList("operators").stream().map(VendorKey::from).toList(),
        gateway.getDouble("rate"),
        gateway.getInt("burst"),
        Math.toIntExact(gateway.getBytes("max-body")),
        Math.toIntExact(gateway.getBytes("max-batch-body")),
        gateway.getDuration("max-wait"),
        gateway.getDuration("request-timeout"),
        gateway.getDuration("drain"),
        Limits.from(gateway.getConfig("limits")),
        Page.from(gateway.getConfig("page")),
        StoreSettings.from(config));
  }

  /** A guideline's version is what it says. */
  public String guidelineVersion() {
    return Sha256.of(guideline).substring(0, 12);
  }

  /** The address for people and programs on this machine, when it listens at port {@code taken}. */
  public URI urlAt(int taken) {
    boolean any = host.equals("0.0.0.0") || host.equals("::");
    String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    return URI.create("http://" + name + ":" + taken);
  }

  /** The same with one more vendor, whose key is {@code key}. */
  public GatewaySettings withVendor(String name, String key) {
    return with(
        port, and(vendors, VendorKey.of(name, key)), operators, rate, burst, limits, page, store);
  }

  /** The same with one more operator, whose key is {@code key}. */
  public GatewaySettings withOperator(String name, String key) {
    return with(
        port, vendors, and(operators, VendorKey.of(name, key)), rate, burst, limits, page, store);
  }

  /** The same on another port; 0 takes any free one. */
  public GatewaySettings withPort(int otherPort) {
    return with(otherPort, vendors, operators, rate, burst, limits, page, store);
  }

  /** The same with another limit on requests of one key. */
  public GatewaySettings withRate(double perSecond, int atOnce) {
    return with(port, vendors, operators, perSecond, atOnce, limits, page, store);
  }

  /** The same with the pages served otherwise. */
  public GatewaySettings withPage(Page otherPage) {
    return with(port, vendors, operators, rate, burst, limits, otherPage, store);
  }

  /** The same with labels kept elsewhere. */
  public GatewaySettings withStore(StoreSettings otherStore) {
    return with(port, vendors, operators, rate, burst, limits, page, otherStore);
  }

  /** The same with other limits. */
  public GatewaySettings withLimits(Limits otherLimits) {
    return with(port, vendors, operators, rate, burst, otherLimits, page, store);
  }

  private static List<VendorKey> and(List<VendorKey> keys, VendorKey key) {
    List<VendorKey> more = new ArrayList<>(keys);
    more.add(key);
    return more;
  }

  private GatewaySettings with(
      int newPort,
      List<VendorKey> newVendors,
      List<VendorKey> newOperators,
      double newRate,
      int newBurst,
      Limits newLimits,
      Page newPage,
      StoreSettings newStore) {
    return new GatewaySettings(
        host,
        newPort,
        guideline,
        newVendors,
        newOperators,
        newRate,
        newBurst,
        maxBody,
        maxBatchBody,
        maxWait,
        requestTimeout,
        drain,
        newLimits,
        newPage,
        newStore);
  }
}
