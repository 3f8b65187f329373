package plaudit.gateway;

import io.micrometer.core.instrument.Metrics;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.gateway.http.GatewayMeters;
import plaudit.gateway.http.GatewayMeters.Phase;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.HttpServer;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;

/** A bound gateway. It uses the label store but does not own it: close that after the drain. */
public final class Gateway {

  private static final Logger log = LoggerFactory.getLogger(Gateway.class);

  private final HttpServer server;
  private final GatewaySettings settings;
  private final GatewayMeters meters;

  private Gateway(HttpServer server, GatewaySettings settings, GatewayMeters meters) {
    this.server = server;
    this.settings = settings;
    this.meters = meters;
    meters.in(Phase.SERVING);
  }

  /** Starts with meters in Micrometer's global registry. */
  public static CompletionStage<Gateway> start(
      ActorSystem<?> system, GatewaySettings settings, JdbcLabels labels, RunView run) {
    return start(system, settings, labels, run, new GatewayMeters(Metrics.globalRegistry));
  }

  /**
   * Binds the API and the pages.
   *
   * @return fails with {@link plaudit.input.InvalidInputException} when the port is taken
   */
  public static CompletionStage<Gateway> start(
      ActorSystem<?> system,
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      GatewayMeters meters) {
    return bound(system, settings, labels, run, meters)
        .thenApply(
            server -> {
              Gateway gateway = new Gateway(server, settings, meters);
              log.info("Gateway listens at [{}]", gateway.url());
              return gateway;
            });
  }

  private static CompletionStage<HttpServer> bound(
      ActorSystem<?> system,
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      GatewayMeters meters) {
    try {
      return HttpServer.bind(system, settings, labels, run, meters);
    } catch (InvalidInputException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Where it listens, with the port that was taken when the settings said 0. */
  public InetSocketAddress address() {
    return server.address();
  }

  /** The address to give to people and programs on this machine. */
  public URI url() {
    return settings.urlAt(address().getPort());
  }

  /**
   * Gives out no more tasks, lets requests in progress finish within the settings' time, and
   * closes. {@code /readyz} answers 503 meanwhile.
   */
  public CompletionStage<Done> drain() {
    meters.in(Phase.DRAINING);
    return server
        .drain(settings.drain())
        .thenApply(
            drained -> {
              meters.in(Phase.CLOSED);
              log.info("Gateway at [{}] closed", url());
              return Done.getInstance();
            });
  }
}
