package plaudit.ops;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.InvalidInputException;

/**
 * The process's numbers: one registry that every part is handed, and over HTTP {@code /metrics} for
 * whoever collects them and {@code /status}, what the node knows of its cluster, as JSON.
 */
public final class Telemetry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
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

  private Telemetry(TelemetrySettings settings) {
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new ResidentMemory().bindTo(registry);
    server = serve(settings);
  }

  /**
   * Starts counting and serving, as {@code plaudit.telemetry} says. If another process has the
   * default port, a run is not worth less: it goes on without serving. A port that somebody chose
   * must be free.
   *
   * @throws InvalidInputException if a chosen port is in use or the host is not this one's
   */
  public static Telemetry start(Config config) {
    return new Telemetry(TelemetrySettings.from(config));
  }

  /** Where meters are registered. */
  public MeterRegistry registry() {
    return registry;
  }

  /** What {@code /status} answers from now on: a JSON object. */
  public void status(Supplier<String> json) {
    status = json;
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
    registry.close();
  }

  private Optional<HttpServer> serve(TelemetrySettings settings) {
    InetSocketAddress address = new InetSocketAddress(settings.host(), settings.port());
    try {
      HttpServer http = HttpServer.create(address, 0);
      http.createContext("/metrics", this::answer);
      http.createContext("/status", this::answer);
      http.setExecutor(threads);
      http.start();
      return Optional.of(http);
    } catch (BindException e) {
      if (settings.port() != TelemetrySettings.DEFAULT_PORT) {
        throw new InvalidInputException(
            "plaudit.telemetry: cannot listen on %s:%d: %s (expected: a free port of this machine)"
                .formatted(settings.host(), settings.port(), e.getMessage()),
            e);
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

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      boolean asksStatus = exchange.getRequestURI().getPath().equals("/status");
      if (!asksStatus && !exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      String accept = exchange.getRequestHeaders().getFirst("Accept");
      String text =
          accept != null && accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
      String type = asksStatus ? "application/json" : text;
      exchange.getResponseHeaders().set("Content-Type", type);
      if (method.equals("HEAD")) {
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      byte[] body =
          (asksStatus ? status.get() : registry.scrape(text)).getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }
}
