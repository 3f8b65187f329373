package plaudit.gateway.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Cookie;
import org.apache.pekko.http.javadsl.model.headers.HttpCookiePair;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.model.headers.TimeoutAccess;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.Sha256;
import plaudit.gateway.http.Connections.Connection;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.store.StoreException;

/**
 * The way of every request: find the endpoint, find out who asks, hold the caller to the rate, read
 * the body within its limit, hand it over, and turn whatever went wrong into a problem.
 */
final class RequestPipeline {

  private static final Logger log = LoggerFactory.getLogger(RequestPipeline.class);
  private static final Duration BODY_TIME = Duration.ofSeconds(10);
  private static final String STOP = "/v1/andon";
  private static final double WRONG_KEYS_PER = 60.0;
  private static final String BEARER = "bearer ";

  /** Scripts, styles and data from here only, and no way to turn a string into markup. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
          + " form-action 'none'; base-uri 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private static final List<HttpHeader> HEADERS =
      List.of(
          RawHeader.create("Content-Security-Policy", POLICY),
          RawHeader.create("X-Content-Type-Options", "nosniff"),
          RawHeader.create("Cross-Origin-Opener-Policy", "same-origin"),
          RawHeader.create("Cross-Origin-Resource-Policy", "same-origin"),
          RawHeader.create("Referrer-Policy", "no-referrer"),
          RawHeader.create("Permissions-Policy", "camera=(), microphone=(), geolocation=()"));

  private final ActorSystem<?> system;
  private final GatewaySettings settings;
  private final Router router;
  private final Sessions sessions;
  private final RateLimit limit;
  private final RateLimit wrongKeys;
  private final InstantSource clock;
  private final GatewayMeters meters;

  RequestPipeline(
      ActorSystem<?> system,
      GatewaySettings settings,
      Router router,
      Sessions sessions,
      InstantSource clock,
      GatewayMeters meters) {
    this.system = system;
    this.settings = settings;
    this.router = router;
    this.sessions = sessions;
    this.limit = new RateLimit(settings.rate(), settings.burst());
    int wrong = settings.limits().wrongKeys();
    this.wrongKeys = new RateLimit(wrong / WRONG_KEYS_PER, wrong);
    this.clock = clock;
    this.meters = meters;
  }

  /** Answers any request, always. */
  CompletionStage<HttpResponse> handle(HttpRequest request, Connection connection) {
    GatewayMeters.Started started = meters.start();
    String path = request.getUri().path();
    Router.Match match = router.match(request.method().name(), path);
    CompletionStage<HttpResponse> response;
    try {
      response = pass(request, match, connection);
    } catch (RuntimeException e) {
      discard(request);
      response = CompletableFuture.failedFuture(e);
    }
    String route = match instanceof Router.Match.Found found ? found.endpoint().template() : "none";
    return response
        .exceptionally(this::refuse)
        .thenApply(
            answer -> {
              started.stop(request.method().name(), route, answer.status().intValue());
              return secured(answer);
            });
  }

  private CompletionStage<HttpResponse> pass(
      HttpRequest request, Router.Match match, Connection connection) {
    if (match instanceof Router.Match.WrongMethod wrong) {
      throw Problem.of(
              Problem.Kind.METHOD_NOT_ALLOWED,
              "%s (expected: %s)"
                  .formatted(request.method().name(), String.join(", ", wrong.allowed())))
          .with("allow", String.join(", ", wrong.allowed()))
          .thrown();
    }
    if (!(match instanceof Router.Match.Found found)) {
      throw Problem.of(Problem.Kind.NOT_FOUND, "path: " + request.getUri().path()).thrown();
    }
    Endpoint endpoint = found.endpoint();
    giveUpLater(request, endpoint);
    Caller caller = caller(request, endpoint.access(), connection);
    // To stop the run is never too often.
    boolean free = caller instanceof Caller.Anonymous || endpoint.template().equals(STOP);
    AtomicInteger remaining = new AtomicInteger(settings.burst());
    IntConsumer charge = free ? count -> {} : count -> remaining.set(charged(caller, count));
    charge.accept(1);
    CompletionStage<HttpResponse> response =
        body(request, endpoint)
            .thenCompose(
                body ->
                    endpoint
                        .handler()
                        .handle(
                            new Call(
                                bodiless(request),
                                caller,
                                found.path(),
                                body,
                                connection,
                                charge)));
    return free
        ? response
        : response.thenApply(
            answer ->
                Replies.with(
                    Replies.with(answer, "RateLimit-Policy", limit.policy()),
                    "RateLimit",
                    "\"key\";r=%d;t=1".formatted(remaining.get())));
  }

  /** Takes so many requests from what the caller may; says how many are left. */
  private int charged(Caller caller, int count) {
    RateLimit.Decision decision = limit.take(caller.bucket(), count, clock.instant());
    if (!decision.allowed()) {
      throw tooOften(
          "more than %s requests or items per second of this key".formatted(settings.rate()),
          decision);
    }
    return decision.remaining();
  }

  private static Problem.Refusal tooOften(String detail, RateLimit.Decision decision) {
    return Problem.of(Problem.Kind.QUOTA_EXCEEDED, detail)
        .with("retryAfter", decision.retrySeconds())
        .thrown();
  }

  private static HttpRequest bodiless(HttpRequest request) {
    return request.withEntity(org.apache.pekko.http.javadsl.model.HttpEntities.EMPTY);
  }

  private Caller caller(HttpRequest request, Access access, Connection connection) {
    if (access == Access.OPEN) {
      return new Caller.Anonymous();
    }
    Optional<String> authorization = request.getHeader("Authorization").map(HttpHeader::value);
    if (access != Access.PERSON && authorization.isPresent()) {
      String value = authorization.get();
      if (!value.toLowerCase(java.util.Locale.ROOT).startsWith(BEARER)) {
        throw unauthenticated();
      }
      return keyHolder(value.substring(BEARER.length()).strip(), access, connection);
    }
    Pass session =
        cookie(request).flatMap(sessions::read).orElseThrow(RequestPipeline::unauthenticated);
    PageGuard.check(request, settings);
    boolean operator = session.operator() || PageGuard.local(request);
    if (access == Access.OPERATOR && !operator) {
      throw scope("a labeler's session (expected: an operator's)");
    }
    return new Caller.Person(session.labelerId(), operator);
  }

  private Caller keyHolder(String presented, Access access, Connection connection) {
    String hash = Sha256.of(presented);
    Optional<VendorKey> vendor = known(settings.vendors(), hash);
    Optional<VendorKey> operator = known(settings.operators(), hash);
    if (vendor.isPresent() && access == Access.OPERATOR) {
      throw scope("a vendor's key (expected: an operator's)");
    }
    if (operator.isPresent() && vendor.isEmpty() && access == Access.CALLER) {
      throw scope("an operator's key (expected: a vendor's)");
    }
    String keyId = hash.substring(0, 16);
    return vendor
        .<Caller>map(key -> new Caller.Vendor(key.vendor(), keyId))
        .or(() -> operator.map(key -> new Caller.Operator(key.vendor(), keyId)))
        .orElseThrow(() -> wrongKey(connection));
  }

  private Problem.Refusal wrongKey(Connection connection) {
    RateLimit.Decision wrong = wrongKeys.take(connection.address(), clock.instant());
    return wrong.allowed()
        ? unauthenticated()
        : tooOften("too many wrong keys from this address", wrong);
  }

  /** The key of a presented key's hash. Every key is compared, each in constant time. */
  private static Optional<VendorKey> known(List<VendorKey> keys, String hash) {
    byte[] bytes = hash.getBytes(StandardCharsets.US_ASCII);
    Optional<VendorKey> found = Optional.empty();
    for (VendorKey key : keys) {
      if (MessageDigest.isEqual(bytes, key.sha256().getBytes(StandardCharsets.US_ASCII))) {
        found = Optional.of(key);
      }
    }
    return found;
  }

  private static Problem.Refusal scope(String detail) {
    return Problem.of(Problem.Kind.INSUFFICIENT_SCOPE, detail).thrown();
  }

  /** The session cookie's value. */
  static Optional<String> cookie(HttpRequest request) {
    String name = Sessions.cookieName(request.getHeader("Host").map(HttpHeader::value).orElse(""));
    return request
        .getHeader(Cookie.class)
        .flatMap(
            header -> {
              for (HttpCookiePair pair : header.getCookies()) {
                if (pair.name().equals(name)) {
                  return Optional.of(pair.value());
                }
              }
              return Optional.empty();
            });
  }

  private static Problem.Refusal unauthenticated() {
    return Problem.of(Problem.Kind.UNAUTHENTICATED, "Authorization (expected: Bearer and a key)")
        .thrown();
  }

  private CompletionStage<ByteString> body(HttpRequest request, Endpoint endpoint) {
    if (endpoint.maxBody() == 0) {
      discard(request);
      return CompletableFuture.completedFuture(ByteString.emptyByteString());
    }
    long declared = request.entity().getContentLengthOption().orElse(0);
    if (declared > endpoint.maxBody()) {
      throw tooLarge(endpoint.maxBody());
    }
    if (declared > 0 || request.entity().isChunked()) {
      String type = request.entity().getContentType().mediaType().toString();
      if (!type.equals("application/json")) {
        throw Problem.of(
                Problem.Kind.UNSUPPORTED_MEDIA_TYPE,
                "Content-Type: %s (expected: application/json)".formatted(type))
            .thrown();
      }
    }
    return request
        .entity()
        .withSizeLimit(endpoint.maxBody())
        .toStrict(BODY_TIME.toMillis(), system)
        .thenApply(entity -> entity.getData())
        .exceptionally(
            failure -> {
              throw unread(failure, endpoint.maxBody());
            });
  }

  private static RuntimeException unread(Throwable failure, int limit) {
    Throwable cause = cause(failure);
    if (cause instanceof EntityStreamSizeException) {
      return tooLarge(limit);
    }
    if (cause instanceof TimeoutException) {
      return Problem.of(
              Problem.Kind.REQUEST_TIMEOUT,
              "the body did not arrive within %d s".formatted(BODY_TIME.toSeconds()))
          .thrown();
    }
    return Problem.of(Problem.Kind.MALFORMED_REQUEST, "the body could not be read").thrown();
  }

  private static Problem.Refusal tooLarge(int limit) {
    return Problem.of(
            Problem.Kind.CONTENT_TOO_LARGE, "request body (expected: <= %d bytes)".formatted(limit))
        .with("maxBytes", limit)
        .thrown();
  }

  /** What is not read is thrown away up to a limit; beyond it the connection ends. */
  private void discard(HttpRequest request) {
    request
        .entity()
        .withSizeLimit(4L * settings.maxBatchBody())
        .discardBytes(system)
        .completionStage()
        .whenComplete((done, failure) -> log.debug("Discarded a body: [{}]", failure == null));
  }

  private void giveUpLater(HttpRequest request, Endpoint endpoint) {
    // What was begun is awaited: the body, the wait for a thread and the work have time each.
    Duration before = BODY_TIME.plus(settings.limits().longestWait());
    Duration time =
        settings
            .requestTimeout()
            .plus(
                endpoint.template().equals("/v1/leases")
                    ? before.plus(settings.maxWait())
                    : before);
    String done = endpoint.method().equals("GET") ? "" : "; it may be done all the same";
    request
        .getHeader(TimeoutAccess.class)
        .ifPresent(
            header ->
                header
                    .timeoutAccess()
                    .update(
                        time,
                        late ->
                            secured(
                                Replies.problem(
                                    Problem.of(
                                            Problem.Kind.TEMPORARY_REDUCED_CAPACITY,
                                            "no answer within %d s%s"
                                                .formatted(time.toSeconds(), done))
                                        .with("retryAfter", 1)))));
  }

  private HttpResponse refuse(Throwable failure) {
    Throwable cause = cause(failure);
    Problem problem;
    if (cause instanceof Problem.Refusal expected) {
      problem = expected.problem();
    } else if (cause instanceof StoreException store) {
      log.warn("Label store failed: [{}]", store.getMessage());
      problem =
          Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, "the label store does not answer")
              .with("retryAfter", 2);
    } else {
      log.error("Request failed", cause);
      problem = Problem.of(Problem.Kind.INTERNAL_ERROR, "the request was not handled");
    }
    meters.refused(problem.kind().suffix());
    HttpResponse response = Replies.problem(problem);
    return switch (problem.kind()) {
      case UNAUTHENTICATED -> Replies.with(response, "WWW-Authenticate", "Bearer");
      case METHOD_NOT_ALLOWED ->
          Replies.with(response, "Allow", String.valueOf(problem.extensions().get("allow")));
      case CONTENT_TOO_LARGE, REQUEST_TIMEOUT -> Replies.with(response, "Connection", "close");
      default -> response;
    };
  }

  /** With the headers that every answer carries. */
  static HttpResponse secured(HttpResponse response) {
    HttpResponse secured = response.addHeaders(HEADERS);
    return secured.getHeader("Cache-Control").isPresent()
        ? secured
        : Replies.with(secured, "Cache-Control", "no-store");
  }

  /** Without the wrapper of a stage that failed. */
  static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
