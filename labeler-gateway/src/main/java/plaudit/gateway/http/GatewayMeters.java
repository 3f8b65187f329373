package plaudit.gateway.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
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
  public <T> void waiting(T requests, ToDoubleFunction<T> count) {
    registry.find(PREFIX + "waiting").meters().forEach(registry::remove); // of an earlier gateway
    Gauge.builder(PREFIX + "waiting", requests, count)
        .description("Requests that wait for a task")
        .register(registry);
  }
}
