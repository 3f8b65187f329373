package plaudit.gateway.http;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A refusal in the shape of RFC 9457.
 *
 * @param kind what went wrong, with a stable URI and status
 * @param detail about this occurrence
 * @param extensions further members, such as {@code pointer}
 */
record Problem(Kind kind, String detail, Map<String, Object> extensions) {

  Problem {
    extensions = Map.copyOf(extensions);
  }

  /** The catalogue; the type's URI is {@code /problems/} and the name in kebab case. */
  enum Kind {
    MALFORMED_REQUEST(400, "The request is not what the API documents"),
    IDEMPOTENCY_KEY_MISSING(400, "The Idempotency-Key header is required"),
    UNAUTHENTICATED(401, "A valid API key is required"),
    INSUFFICIENT_SCOPE(403, "This key may not do that"),
    LEASE_OF_ANOTHER_LABELER(403, "The lease is another labeler's"),
    TOO_MANY_LABELERS(403, "The vendor has as many labelers as it may"),
    NOT_FOUND(404, "There is no such resource"),
    METHOD_NOT_ALLOWED(405, "The resource does not know this method"),
    REQUEST_TIMEOUT(408, "The request took too long to arrive"),
    JUDGMENT_CONFLICT(409, "This labeler answered the comparison differently before"),
    LEASE_SUPERSEDED(409, "The lease is not the labeler's newest of this comparison"),
    LEASE_OVER(409, "The lease is over"),
    NOT_AMENDABLE(409, "The judgment can no longer be amended"),
    CONTENT_TOO_LARGE(413, "The request body is too large"),
    URI_TOO_LONG(414, "The address is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "The request body must be application/json"),
    UNKNOWN_CHOICE(422, "The comparison has no such choice"),
    CHOICE_REQUIRED(422, "Exactly one of choiceId and verdict is required"),
    IDEMPOTENCY_KEY_REUSED(422, "The Idempotency-Key was used with another request"),
    IMPLAUSIBLE_TIME(422, "A time in the request cannot be"),
    UNREADABLE_TEXT(422, "A text holds unreadable characters"),
    TOO_MANY_LEASES(429, "The labeler or its vendor holds as many tasks as it may"),
    QUOTA_EXCEEDED(429, "Too many requests"),
    HEADERS_TOO_LARGE(431, "The request headers are too large"),
    INTERNAL_ERROR(500, "The gateway failed"),
    LINE_STOPPED(503, "A labeler stopped the run"),
    TEMPORARY_REDUCED_CAPACITY(503, "The gateway cannot serve this now");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    int status() {
      return status;
    }

    String title() {
      return title;
    }

    String suffix() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String type() {
      return "/problems/" + suffix();
    }
  }

  /** Carries a problem out of the handling of a request; not a fault of the gateway. */
  static final class Refusal extends RuntimeException {

    private final transient Problem problem;

    private Refusal(Problem problem) {
      super(problem.detail(), null, false, false);
      this.problem = problem;
    }

    Problem problem() {
      return problem;
    }
  }

  static Problem of(Kind kind, String detail) {
    return new Problem(kind, detail, Map.of());
  }

  static Problem at(Kind kind, String pointer, String detail) {
    return new Problem(kind, detail, Map.of("pointer", pointer));
  }

  /** A thing that is not there, or not this vendor's, to throw. */
  static Refusal unknown(String what, String id) {
    return of(Kind.NOT_FOUND, what + ": " + id + " (expected: one of this vendor)").thrown();
  }

  /** The same with one more member. */
  Problem with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(extensions);
    more.put(name, value);
    return new Problem(kind, detail, more);
  }

  /** As a value to throw. */
  Refusal thrown() {
    return new Refusal(this);
  }

  /** The members of the JSON object. */
  Map<String, Object> members() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", kind.type());
    members.put("title", kind.title());
    members.put("status", kind.status());
    members.put("detail", detail);
    members.putAll(extensions);
    return members;
  }
}
