package plaudit.lab.gateway;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.AtomicFile;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreException;
import plaudit.gateway.store.StoreSettings;
import plaudit.labels.Comparison;
import plaudit.tokens.Tokens;

/**
 * A gateway in a JVM of its own, with comparisons to judge; it ends with this process, or by {@link
 * #kill}.
 */
final class GatewayProcess implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GatewayProcess.class);

  /** Several vendors, since each may hold and register so much only. */
  static final List<String> VENDORS = List.of("acme", "bolt", "cord", "dune");

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int SUPPLY_MILLIS = 50;

  /** Comparisons are asked so many at a time: a scorer's batch, not a long transaction. */
  private static final int ASKED_AT_ONCE = 50;

  private static final String FRESH = "bench.fresh";
  private static final String NAME = "bench.name";
  private static final String ADDRESS = "bench.address";

  private final Process process;
  private final URI url;

  private GatewayProcess(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /** The key of a vendor. */
  static String key(String vendor) {
    return vendor + "-key-of-more-than-24-characters";
  }

  /** Settings that let a load through that people would not make. */
  static Map<String, Object> settings(String storeUrl) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("plaudit.gateway.port", 0);
    settings.put("plaudit.gateway.rate", 1_000_000);
    settings.put("plaudit.gateway.burst", 1_000_000);
    settings.put("plaudit.gateway.store.url", storeUrl);
    settings.put("plaudit.gateway.store.held.labeler", 1_000);
    settings.put("plaudit.gateway.store.held.vendor", 1_000_000);
    settings.put("plaudit.gateway.store.labelers-per-vendor", 100_000);
    return settings;
  }

  /** The store's settings as the process reads them. */
  static StoreSettings store(Map<String, Object> settings) {
    return StoreSettings.from(config(settings));
  }

  /** A file below {@code directory}, of the embedded database. */
  static String fileUrl(Path directory) {
    return StoreSettings.from(ConfigFactory.load()).withFile(directory.resolve("labels")).url();
  }

  /**
   * Starts a gateway and waits until it listens.
   *
   * @param name begins the ids of its comparisons: another one for each process of a store
   * @param fresh how many comparisons wait for labelers at the least, as tasks go out
   * @throws IllegalStateException if it does not come up
   */
  static GatewayProcess start(Path directory, String name, int fresh, Map<String, Object> settings)
      throws IOException, InterruptedException {
    Path address = directory.resolve(name + ".url");
    Files.deleteIfExists(address);
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put(FRESH, fresh);
    all.put(NAME, name);
    all.put(ADDRESS, address.toString());
    Path file = directory.resolve(name + ".conf");
    AtomicFile.write(file, ConfigFactory.parseMap(all).root().render());
    Path log = directory.resolve(name + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(GatewayProcess.class.getName(), file.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!Files.exists(address)) {
      if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
        process.destroyForcibly().waitFor();
        throw new IllegalStateException("the gateway does not come up, see " + log);
      }
    }
    return new GatewayProcess(process, URI.create(Files.readString(address)));
  }

  URI url() {
    return url;
  }

  /** How much processor time it has used so far; zero where the system does not say. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** What Linux says of the process under a name such as {@code VmRSS} or {@code Threads}. */
  long status(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/%d/status".formatted(process.pid()))).stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }

  /** {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Lets it end by itself, as on SIGTERM. */
  @Override
  public void close() {
    try {
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static Config config(Map<String, Object> settings) {
    return ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load());
  }

  /** The other JVM; its argument is a file of settings. */
  public static void main(String[] args) throws InterruptedException {
    Config own = ConfigFactory.parseFile(Path.of(args[0]).toFile());
    Config config =
        own.withFallback(ConfigFactory.load())
            .withValue("pekko.actor.provider", ConfigValueFactory.fromAnyRef("local"));
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "gateway", config);
    GatewaySettings settings = GatewaySettings.from(config);
    for (String vendor : VENDORS) {
      settings = settings.withVendor(vendor, key(vendor));
    }
    JdbcLabels labels =
        JdbcLabels.open(settings.store(), InstantSource.system(), new SecureRandom());
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    Supply supply = new Supply(labels, registry, own.getString(NAME), own.getInt(FRESH));
    supply.fill();
    Gateway gateway =
        Gateway.start(system, settings, labels, RunView.none(), new GatewayMeters(registry))
            .toCompletableFuture()
            .join();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  gateway.drain().toCompletableFuture().join();
                  labels.close();
                }));
    AtomicFile.write(
        Path.of(own.getString(ADDRESS)), gateway.url().toString().getBytes(StandardCharsets.UTF_8));
    new Thread(GatewayProcess::endWithTheParent, "parent").start();
    while (true) {
      TimeUnit.MILLISECONDS.sleep(SUPPLY_MILLIS);
      try {
        supply.fill();
      } catch (StoreException e) {
        log.warn("No further comparisons for now: [{}]", e.getMessage());
      }
    }
  }

  /** The parent's end of the pipe is closed with the parent, whatever became of it. */
  private static void endWithTheParent() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      log.warn("The pipe to the parent is broken: [{}]", e.getMessage());
    }
    Runtime.getRuntime().exit(0);
  }

  /** Asks for more as tasks go out. */
  private static final class Supply {
    private final JdbcLabels labels;
    private final SimpleMeterRegistry registry;
    private final String name;
    private final int fresh;
    private long asked;

    Supply(JdbcLabels labels, SimpleMeterRegistry registry, String name, int fresh) {
      this.labels = labels;
      this.registry = registry;
      this.name = name;
      this.fresh = fresh;
    }

    void fill() {
      var leased = registry.find("plaudit.gateway.leases").counter();
      long out = leased == null ? 0 : (long) leased.count();
      while (asked - out < fresh) {
        int count = Math.min(ASKED_AT_ONCE, fresh);
        labels.ask(IntStream.range(0, count).mapToObj(i -> comparison(asked + i)).toList());
        asked += count;
      }
    }

    private Comparison comparison(long number) {
      return new Comparison(
          name + "-" + number,
          Tokens.of(1, 2, 3),
          "The old lighthouse keeper climbed the stairs",
          List.of(
              new Comparison.Sample(Tokens.of(1, 7), " and lit the lamp.", 0),
              new Comparison.Sample(Tokens.of(2, 7), " and fell asleep.", 0),
              new Comparison.Sample(Tokens.of(3, 7), " once more.", 0),
              new Comparison.Sample(Tokens.of(4, 7), " for the last time.", 0)));
    }
  }
}
