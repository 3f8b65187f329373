package plaudit.gateway.http;

import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.ParsingErrorHandler;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.scaladsl.model.ErrorInfo;
import org.apache.pekko.http.scaladsl.model.StatusCode;
import org.apache.pekko.http.scaladsl.settings.ServerSettings;

/**
 * Answers what is not HTTP, or too much of it, before there is a request to route. Pekko finds this
 * by name as it finds a Scala object, by the field {@code MODULE$}.
 */
public final class UnreadableRequest extends ParsingErrorHandler {

  /** The one instance, under the name that Pekko looks for. */
  public static final UnreadableRequest MODULE$ = new UnreadableRequest();

  private static final int URI_TOO_LONG = 414;
  private static final int HEADERS_TOO_LARGE = 431;

  private UnreadableRequest() {}

  @Override
  public HttpResponse handle(
      StatusCode status, ErrorInfo error, LoggingAdapter log, ServerSettings settings) {
    Problem.Kind kind =
        switch (status.intValue()) {
          case URI_TOO_LONG -> Problem.Kind.URI_TOO_LONG;
          case HEADERS_TOO_LARGE -> Problem.Kind.HEADERS_TOO_LARGE;
          default -> Problem.Kind.MALFORMED_REQUEST;
        };
    log.debug("Unreadable request: [{}]", error.summary());
    return RequestPipeline.secured(
        Replies.with(
            Replies.problem(Problem.of(kind, "the request is not readable as HTTP")),
            "Connection",
            "close"));
  }
}
