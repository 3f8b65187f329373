package plaudit.gateway.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.impl.engine.server.HttpAttributes;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.UniqueKillSwitch;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect, and for how long a connection may say nothing. Connections beyond the limits are
 * closed at once; so is one whose next request is not there in time: the first soon after the
 * connection, a further one some time after the answer before.
 */
final class Connections {

  private static final int IPV6_NETWORK_BYTES = 8;

  /** Answers a request. */
  interface Handler {
    CompletionStage<HttpResponse> handle(HttpRequest request, Connection connection);
  }

  private final ActorSystem<?> system;
  private final GatewaySettings.Connections limits;
  private final GatewayMeters meters;
  private final Count count;

  Connections(ActorSystem<?> system, GatewaySettings.Connections limits, GatewayMeters meters) {
    this.system = system;
    this.limits = limits;
    this.meters = meters;
    this.count = new Count(limits);
    meters.connections(count, Count::open);
  }

  /** What is run for each connection. */
  Flow<HttpRequest, HttpResponse, NotUsed> flow(Handler handler) {
    return Flow.fromMaterializer(
            (materializer, attributes) -> {
              InetAddress address =
                  attributes
                      .getAttribute(HttpAttributes.RemoteAddress.class)
                      .map(HttpAttributes.RemoteAddress::address)
                      .map(InetSocketAddress::getAddress)
                      .orElseThrow();
              if (count.take(address)) {
                return served(new Connection(address), handler);
              }
              meters.connectionRefused();
              return Flow.<HttpRequest, HttpResponse>fromSinkAndSource(
                  Sink.cancelled(), Source.empty());
            })
        .mapMaterializedValue(ignored -> NotUsed.getInstance());
  }

  private Flow<HttpRequest, HttpResponse, NotUsed> served(Connection connection, Handler handler) {
    return Flow.of(HttpRequest.class)
        .watchTermination(
            (mat, done) -> {
              done.whenComplete((end, failure) -> connection.left());
              return mat;
            })
        .viaMat(KillSwitches.single(), Keep.right())
        // The buffer keeps the connection read while an answer is awaited: so its end is seen.
        .buffer(1, OverflowStrategy.backpressure())
        .mapAsync(
            1,
            request -> {
              connection.asked();
              return handler.handle(request, connection);
            })
        .map(
            response -> {
              connection.silentFor(limits.idle());
              return response;
            })
        .watchTermination(
            (kill, done) -> {
              connection.opened(kill);
              done.whenComplete((end, failure) -> connection.closed());
              return NotUsed.getInstance();
            });
  }

  /** How many connections there are, in all and of each address. */
  static final class Count {

    private final GatewaySettings.Connections limits;
    private final Map<String, Integer> perAddress = new HashMap<>();
    private int open;

    Count(GatewaySettings.Connections limits) {
      this.limits = limits;
    }

    /** Counts one more; false if that would be too many. */
    synchronized boolean take(InetAddress address) {
      String name = name(address);
      if (open >= limits.total()
          || (!exempt(address) && perAddress.getOrDefault(name, 0) >= limits.perAddress())) {
        return false;
      }
      open++;
      perAddress.merge(name, 1, Integer::sum);
      return true;
    }

    /** Counts one less. */
    synchronized void give(InetAddress address) {
      open--;
      perAddress.computeIfPresent(name(address), (name, count) -> count == 1 ? null : count - 1);
    }

    /** How many there are. */
    synchronized int open() {
      return open;
    }

    private boolean exempt(InetAddress address) {
      return address.isLoopbackAddress() || limits.proxies().contains(address.getHostAddress());
    }
  }

  /** A host's network counts as one in IPv6: each has 2^64 addresses. */
  private static String name(InetAddress address) {
    return address instanceof Inet6Address
        ? Arrays.toString(Arrays.copyOf(address.getAddress(), IPV6_NETWORK_BYTES))
        : address.getHostAddress();
  }

  /** One that is served. */
  final class Connection {

    private final InetAddress address;
    private @Nullable UniqueKillSwitch kill;
    private @Nullable Cancellable silence;
    private @Nullable Runnable whenLeft;
    private boolean left;

    private Connection(InetAddress address) {
      this.address = address;
    }

    /** Where the other end is. */
    String address() {
      return name(address);
    }

    /** Whether the other end has closed it, or sends no more. */
    synchronized boolean isLeft() {
      return left;
    }

    /** Runs {@code action} when the other end leaves, in place of the action before. */
    void whenLeft(Runnable action) {
      boolean now;
      synchronized (this) {
        now = left;
        whenLeft = action;
      }
      if (now) {
        action.run();
      }
    }

    private void left() {
      Optional<Runnable> action;
      synchronized (this) {
        left = true;
        action = Optional.ofNullable(whenLeft);
      }
      action.ifPresent(Runnable::run);
    }

    private void opened(UniqueKillSwitch by) {
      synchronized (this) {
        kill = by;
      }
      silentFor(limits.silence());
    }

    private synchronized void asked() {
      heard();
      whenLeft = null;
    }

    private synchronized void heard() {
      if (silence != null) {
        silence.cancel();
        silence = null;
      }
    }

    private synchronized void silentFor(Duration time) {
      silence = system.scheduler().scheduleOnce(time, this::tooLong, system.executionContext());
    }

    private synchronized void tooLong() {
      if (silence != null && kill != null) {
        meters.connectionSilent();
        kill.shutdown();
      }
    }

    private void closed() {
      heard();
      left();
      count.give(address);
    }
  }
}
