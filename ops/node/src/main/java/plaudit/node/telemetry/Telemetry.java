package plaudit.node.telemetry;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.Config;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.DiskSpaceMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.phase.Health;

/**
 * The process's numbers: one registry that every part is handed, and over HTTP {@code /metrics} for
 * collectors, {@code /status}, what the node knows of its cluster, as JSON, and for supervisors
 * {@code /healthz} (nothing is wrong that only a restart mends) and {@code /readyz} (it can do its
 * work).
 */
public final class Telemetry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "metrics");
            thread.setDaemon(true);
            return thread;
          });
  private final Optional<HttpServer> server;
  private volatile Supplier<String> status = () -> "{}";
  private volatile Supplier<List<String>> broken = List::of;
  private volatile Supplier<List<String>> missing = () -> List.of("it is starting");

  private Telemetry(TelemetrySettings settings, Path runs) {
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time")); // in ns
    Gauge.builder("plaudit.build.info", () -> 1)
        .description("1; the label has the version of this process")
        .tag("version", Logging.fact("version"))
        .register(registry);
    new DiskSpaceMetrics(disk(runs).toFile()).bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    FunctionCounter.builder("process.cpu", PROCESS, it -> it.getProcessCpuTime() / 1e9)
        .description("Processor time that the process has used")
        .baseUnit("seconds")
        .register(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new ResidentMemory().bindTo(registry);
    Metrics.addRegistry(registry); // of what is made by class name, such as dispatchers
    server = serve(settings);
  }

  /**
   * Starts counting and serving, as {@code plaudit.telemetry} says. If another process has the
   * default port, a run is not worth less: it goes on without serving. A port that was chosen must
   * be free.
   *
   * @throws InvalidInputException if a chosen port is in use or the host is not this one's
   */
  public static Telemetry start(Config config) {
    return new Telemetry(
        TelemetrySettings.from(config), Path.of(config.getString("plaudit.run.directory")));
  }

  /** The directory, or the nearest one above it that is there. */
  private static Path disk(Path directory) {
    Path at = directory.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    return at;
  }

  /** Where meters are registered. */
  public MeterRegistry registry() {
    return registry;
  }

  /** What {@code /status} answers from now on: a JSON object. */
  public void status(Supplier<String> json) {
    status = json;
  }

  /**
   * What {@code /readyz} looks at from now on.
   *
   * @param whatIsMissing in words; nothing when the node can do its work
   */
  public void ready(Supplier<List<String>> whatIsMissing) {
    missing = whatIsMissing;
  }

  /**
   * What {@code /healthz} looks at from now on, besides threads that wait for each other for ever.
   *
   * @param whatIsBroken in words, what only a restart mends
   */
  public void alive(Supplier<List<String>> whatIsBroken) {
    broken = whatIsBroken;
  }

  private List<String> broken() {
    List<String> all = new ArrayList<>(broken.get());
    long[] deadlocked = THREADS.findDeadlockedThreads();
    if (deadlocked != null) {
      all.add("%d threads wait for each other".formatted(deadlocked.length));
    }
    return all;
  }

  /** Where {@code /metrics} is; empty if the port was in use. */
  public Optional<InetSocketAddress> address() {
    return server.map(HttpServer::getAddress);
  }

  @Override
  public void close() {
    server.ifPresent(s -> s.stop(0));
    threads.shutdownNow();
    garbageCollection.close();
    Metrics.removeRegistry(registry);
    registry.close();
  }

  private Optional<HttpServer> serve(TelemetrySettings settings) {
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    try {
      HttpServer http = HttpServer.create(address, 0);
      http.createContext("/", exchange -> answer(exchange, this::page));
      http.setExecutor(threads);
      http.start();
      return Optional.of(http);
    } catch (BindException e) {
      if (settings.port() != TelemetrySettings.DEFAULT_PORT) {
        throw UnavailableException.notBound(
            "plaudit.telemetry", settings.host(), settings.port(), e);
      }
      LOG.warn(
          "no metrics are served: [{}:{}] is in use; plaudit.telemetry.port sets another port",
          settings.host(),
          settings.port());
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      throw new InvalidInputException(
          "plaudit.telemetry: cannot listen on %s:%d: %s"
              .formatted(settings.host(), settings.port(), e),
          e);
    }
  }

  /** An answer: status code, media type and text. */
  private record Page(int code, String type, String text) {}

  private Optional<Page> page(HttpExchange exchange) {
    return switch (exchange.getRequestURI().getPath()) {
      case "/metrics" -> Optional.of(metrics(exchange.getRequestHeaders().getFirst("Accept")));
      case "/status" -> Optional.of(new Page(200, JSON, status.get()));
      case "/healthz" -> Optional.of(page(Health.alive(broken())));
      case "/readyz" -> Optional.of(page(Health.ready(missing.get())));
      default -> Optional.empty();
    };
  }

  private static Page page(Health health) {
    return new Page(health.status(), JSON, health.json());
  }

  private Page metrics(@Nullable String accept) {
    boolean open = accept != null && accept.contains("application/openmetrics-text");
    String type = open ? OPEN_METRICS : TEXT;
    return new Page(200, type, registry.scrape(type));
  }

  private static void answer(HttpExchange exchange, Function<HttpExchange, Optional<Page>> pages)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      Optional<Page> page = pages.apply(exchange);
      if (page.isEmpty()) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", page.get().type());
      if (method.equals("HEAD")) {
        exchange.sendResponseHeaders(page.get().code(), -1);
        return;
      }
      byte[] body = page.get().text().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(page.get().code(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }
}
