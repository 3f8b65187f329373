package plaudit.gateway.http;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.pattern.Patterns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.input.UnavailableException;

/** Puts the endpoints together and binds them to a port. */
public final class HttpServer {

  private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

  /** The dispatcher whose threads requests block while they wait for the database. */
  private static final String DISPATCHER = "plaudit.gateway.blocking-dispatcher";

  /** Connections that wait to be accepted: all pages come at once after a restart. */
  private static final int BACKLOG = 4096;

  private static final Duration LINGER = Duration.ofSeconds(5);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int TICKS_PER_CHANGE = 10;
  private static final int TICKS_PER_CLEANING = 600;

  private static final Duration ANSWERS_ARE_OUT = Duration.ofMillis(250);

  private final ServerBinding binding;
  private final AtomicBoolean draining;
  private final Cancellable tick;
  private final ActorSystem<?> system;
  private final LongPolls<LeaseOutcome> polls;
  private final List<Router.Endpoint> endpoints;

  private HttpServer(
      ActorSystem<?> system,
      ServerBinding binding,
      AtomicBoolean draining,
      Cancellable tick,
      LongPolls<LeaseOutcome> polls,
      List<Router.Endpoint> endpoints) {
    this.endpoints = endpoints;
    this.system = system;
    this.binding = binding;
    this.draining = draining;
    this.tick = tick;
    this.polls = polls;
  }

  /**
   * Binds; fails with {@link UnavailableException} when the port is taken.
   *
   * @param run what the console may know
   */
  public static CompletionStage<HttpServer> bind(
      ActorSystem<?> system,
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      GatewayMeters meters) {
    probe(settings);
    Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
    Admission admission = admission(system, settings.limits(), meters);
    InstantSource clock = InstantSource.system();
    AtomicBoolean draining = new AtomicBoolean();
    LongPolls<LeaseOutcome> polls = new LongPolls<>(settings.limits().waiting());
    Sessions sessions =
        new Sessions(
            labels.secret(Pass.SECRET), new SecureRandom(), clock, settings.page().session());
    List<Router.Endpoint> endpoints = new ArrayList<>();
    endpoints.addAll(new HealthApi(labels, blocking, draining::get).endpoints());
    endpoints.addAll(
        new LeaseApi(settings, labels, run, polls, admission, clock, meters, draining::get)
            .endpoints());
    endpoints.addAll(new JudgmentApi(settings, labels, admission, meters).endpoints());
    endpoints.addAll(new StopApi(settings, labels, admission, meters).endpoints());
    if (settings.page().enabled()) {
      endpoints.addAll(new PageApi(settings, labels, run, sessions, admission).endpoints());
      endpoints.addAll(
          new PeopleApi(settings, labels, run, sessions, admission, clock).endpoints());
    }
    RequestPipeline pipeline =
        new RequestPipeline(system, settings, new Router(endpoints), sessions, clock, meters);
    Connections connections = new Connections(system, settings.limits().connections(), meters);
    labels.onWork(polls::wake);
    meters.waiting(polls, LongPolls::waiting);
    return Http.get(system)
        .newServerAt(settings.host(), settings.port())
        .withSettings(server(system, settings))
        .bindFlow(connections.flow(pipeline::handle))
        .handle(
            (binding, failure) -> {
              if (failure != null) {
                throw unbound(settings, failure);
              }
              return new HttpServer(
                  system,
                  binding,
                  draining,
                  tick(system, labels, polls, admission, blocking),
                  polls,
                  List.copyOf(endpoints));
            });
  }

  /** Everything that is served. */
  List<Router.Endpoint> endpoints() {
    return endpoints;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /**
   * Accepts no more connections, answers waiting long polls, lets requests in progress finish, then
   * closes.
   *
   * <p>Connections are closed a moment later: one whose answer is on its way counts as idle
   * already, and would be reset before the answer is out.
   *
   * <p>An actor system that ends meanwhile, or has ended, takes all connections with it, and never
   * answers what it was asked: that is closed too.
   */
  public CompletionStage<Boolean> drain(Duration atMost) {
    draining.set(true);
    tick.cancel();
    CompletionStage<Boolean> ended = system.getWhenTerminated().thenApply(done -> true);
    return closed(atMost)
        .exceptionallyCompose(
            failure ->
                CoordinatedShutdown.get(system).getShutdownReason().isPresent()
                    ? ended
                    : CompletableFuture.failedFuture(failure))
        .applyToEither(ended, Function.identity());
  }

  private CompletionStage<Boolean> closed(Duration atMost) {
    return binding
        .unbind()
        .thenCompose(
            unbound -> {
              polls.close();
              return Patterns.after(
                  ANSWERS_ARE_OUT,
                  system.classicSystem().scheduler(),
                  system.executionContext(),
                  () -> binding.terminate(atMost));
            })
        .thenApply(terminated -> true);
  }

  private static ServerSettings server(ActorSystem<?> system, GatewaySettings settings) {
    Config config =
        ConfigFactory.parseMap(
                Map.of(
                    "pekko.http.server.parsing.error-handler", UnreadableRequest.class.getName()))
            .withFallback(system.settings().config());
    ServerSettings server = ServerSettings.create(config);
    // Silent connections are closed by Connections; this is for clients that do not read.
    Duration unread = settings.maxWait().plus(settings.requestTimeout()).plusMinutes(1);
    return server
        .withBacklog(BACKLOG)
        .withMaxConnections(2 * settings.limits().connections().total())
        .withServerHeader(Optional.empty())
        .withTransparentHeadRequests(true)
        .withRemoteAddressAttribute(true)
        .withTimeouts(
            server
                .getTimeouts()
                .withIdleTimeout(nanos(unread))
                .withLingerTimeout(nanos(LINGER))
                .withRequestTimeout(nanos(settings.requestTimeout())));
  }

  private static scala.concurrent.duration.Duration nanos(Duration duration) {
    return scala.concurrent.duration.Duration.fromNanos(duration.toNanos());
  }

  private static Admission admission(
      ActorSystem<?> system, GatewaySettings.Limits limits, GatewayMeters meters) {
    return new Admission(
        Map.of(
            Work.JUDGMENT,
            limits.judgments(),
            Work.LEASE,
            limits.leases(),
            Work.LIST,
            limits.lists()),
        system.dispatchers().lookup(DispatcherSelector.fromConfig(DISPATCHER)),
        (time, job) -> system.scheduler().scheduleOnce(time, job, system.executionContext()),
        System::nanoTime,
        meters);
  }

  /**
   * Every second: what waited too long for a thread is refused, expired tasks go back into the
   * queue, and waiting requests look if another gateway's work may be theirs or the run was
   * stopped; now and then old idempotency keys are deleted.
   */
  private static Cancellable tick(
      ActorSystem<?> system,
      JdbcLabels labels,
      LongPolls<LeaseOutcome> polls,
      Admission admission,
      Executor blocking) {
    Look[] last = {new Look(0, Optional.empty())};
    int[] ticks = {0};
    return system
        .scheduler()
        .scheduleWithFixedDelay(
            TICK,
            TICK,
            () -> {
              ticks[0]++;
              attempt("refuse what is late", admission::refuseLate);
              attempt(
                  "look for work",
                  () -> {
                    if (polls.present() > 0) {
                      Look now = new Look(labels.claimable(), labels.stopReason());
                      boolean old = now.open > 0 && ticks[0] % TICKS_PER_CHANGE == 0;
                      if (!now.reason.equals(last[0].reason)) {
                        polls.wake(polls.present());
                      } else if (old || now.open > last[0].open) {
                        polls.wake(now.open);
                      } else {
                        polls.again(now.open);
                      }
                      last[0] = now;
                    }
                  });
              if (ticks[0] % TICKS_PER_CLEANING == 0) {
                attempt("delete old idempotency keys", labels::forgetKeys);
              }
            },
            scala.concurrent.ExecutionContext.fromExecutor(blocking));
  }

  private record Look(int open, Optional<String> reason) {}

  /** An exception would end the schedule for good; the next tick tries again. */
  private static void attempt(String what, Runnable job) {
    try {
      job.run();
    } catch (RuntimeException e) {
      log.warn("Could not {}, trying again: [{}]", what, e.toString());
    }
  }

  /** A plain bind first: Pekko logs a stack trace where one line is enough. */
  private static void probe(GatewaySettings settings) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(settings.host(), settings.port()));
    } catch (IOException e) {
      throw unbound(settings, e);
    }
  }

  private static RuntimeException unbound(GatewaySettings settings, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return UnavailableException.notBound(
        "plaudit.gateway", settings.host(), settings.port(), cause);
  }
}
