package plaudit.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.store.StoredJudgment;
import plaudit.phase.PhaseMeter;

/** Everything the gateway measures. */
public final class GatewayMeters {

  /** Whether the gateway serves. */
  public enum Phase {
    CLOSED,
    SERVING,
    DRAINING
  }

  private static final String PREFIX = "plaudit.gateway.";

  private static final Duration[] WAITS = {
    Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1)
  };

  /** A request for tasks may wait 30 s by design. */
  private static final Duration[] ANSWERS = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private final PhaseMeter<Phase> phase;

  private final MeterRegistry registry;
  private final Counter leases;
  private final Counter stops;

  /** Registers with {@code registry}. */
  public GatewayMeters(MeterRegistry registry) {
    this.registry = registry;
    this.phase = new PhaseMeter<>(registry, "gateway", Phase.CLOSED);
    this.leases =
        Counter.builder(PREFIX + "leases")
            .description("Tasks given to labelers")
            .register(registry);
    this.stops =
        Counter.builder(PREFIX + "line.stops")
            .description("How often a labeler stopped the run")
            .register(registry);
  }

  /** The gateway is in {@code phase} from now on. */
  public void in(Phase now) {
    phase.is(now);
  }

  /** A request in progress. */
  public interface Started {
    /** It is answered. */
    void stop(String method, String route, int status);
  }

  /** Starts the clock of a request. */
  public Started start() {
    Timer.Sample sample = Timer.start(registry);
    return (method, route, status) ->
        sample.stop(
            Timer.builder(PREFIX + "requests")
                .description("Time from a request to its answer")
                .tag("method", method)
                .tag("route", route)
                .tag("status", String.valueOf(status))
                .serviceLevelObjectives(ANSWERS)
                .register(registry));
  }

  /** Tasks went out. */
  public void leased(int tasks) {
    leases.increment(tasks);
  }

  /** A judgment is durable. */
  public void judged(StoredJudgment judgment) {
    Counter.builder(PREFIX + "judgments")
        .description("Durable judgments by what they are used for")
        .tag("disposition", judgment.disposition().name().toLowerCase(Locale.ROOT))
        .tag("late", String.valueOf(judgment.late()))
        .register(registry)
        .increment();
  }

  /** A request was refused. */
  public void refused(String problem) {
    Counter.builder(PREFIX + "refusals")
        .description("Refused requests by problem type")
        .tag("problem", problem)
        .register(registry)
        .increment();
  }

  /** A labeler stopped the run. */
  public void stopped() {
    stops.increment();
  }

  /** Counts requests that wait for tasks. */
  <T> void waiting(T requests, ToDoubleFunction<T> count) {
    gauge("waiting", Tags.empty(), "Requests that wait for a task", requests, count);
  }

  /** Counts requests that wait for a thread. */
  <T> void queued(Work work, T requests, ToDoubleFunction<T> count) {
    gauge("admission.queue", tags(work), "Requests that wait for a thread", requests, count);
  }

  /** A request was refused for want of threads. */
  void turnedAway(Work work, String reason) {
    Counter.builder(PREFIX + "admission.refused")
        .description("Requests refused because too many waited, or because they waited too long")
        .tags(tags(work))
        .tag("reason", reason)
        .register(registry)
        .increment();
  }

  /** A request had waited so long for a thread. */
  void waited(Work work, Duration time) {
    Timer.builder(PREFIX + "admission.wait")
        .description("Time that a request waited for a thread")
        .tags(tags(work))
        .serviceLevelObjectives(WAITS)
        .register(registry)
        .record(time);
  }

  /** Counts open connections. */
  <T> void connections(T connections, ToDoubleFunction<T> count) {
    gauge("connections", Tags.empty(), "Open connections", connections, count);
  }

  /** A connection was closed because there were too many. */
  void connectionRefused() {
    closed("refused");
  }

  /** A connection was closed because it had said nothing for too long. */
  void connectionSilent() {
    closed("silent");
  }

  private void closed(String reason) {
    Counter.builder(PREFIX + "connections.closed")
        .description("Connections that the gateway closed")
        .tag("reason", reason)
        .register(registry)
        .increment();
  }

  private static Tags tags(Work work) {
    return Tags.of("work", work.name().toLowerCase(Locale.ROOT));
  }

  private <T> void gauge(
      String name, Tags tags, String description, T of, ToDoubleFunction<T> count) {
    registry.find(PREFIX + name).tags(tags).meters().forEach(registry::remove); // an earlier one's
    Gauge.builder(PREFIX + name, of, count).description(description).tags(tags).register(registry);
  }
}
