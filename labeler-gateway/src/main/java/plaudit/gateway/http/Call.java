package plaudit.gateway.http;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.scaladsl.model.IllegalUriException;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.util.ByteString;
import plaudit.gateway.json.Json;
import plaudit.gateway.json.MalformedJsonException;
import plaudit.gateway.store.Holder;
import plaudit.gateway.store.Labeler;

/**
 * One request that may be answered.
 *
 * @param request without its body
 * @param caller who asks
 * @param path the opaque parts of the path
 * @param body the whole body
 * @param connection on which it came
 * @param charge counts so many further requests against the caller's rate; a problem if they are
 *     too many
 */
record Call(
    HttpRequest request,
    Caller caller,
    Map<String, String> path,
    ByteString body,
    Connections.Connection connection,
    IntConsumer charge) {

  /** An opaque part of the path. */
  String part(String name) {
    return path.getOrDefault(name, "");
  }

  /** The body as a {@code type}; a problem if it is anything else. */
  <T> T form(Class<T> type) {
    try {
      return Json.read(body.toArray(), type);
    } catch (MalformedJsonException e) {
      throw malformed(e).thrown();
    }
  }

  static Problem malformed(MalformedJsonException e) {
    return Problem.at(Problem.Kind.MALFORMED_REQUEST, e.pointer(), String.valueOf(e.getMessage()));
  }

  /** The labeler, who on the page can only be the session's own; an operator is itself. */
  Labeler labeler(String id) {
    if (caller instanceof Caller.Operator operator) {
      return new Labeler(operator.vendor(), operator.name());
    }
    if (caller instanceof Caller.Person person && !person.labelerId().equals(id)) {
      throw Problem.at(
              Problem.Kind.INSUFFICIENT_SCOPE,
              "/labelerId",
              "labelerId: " + id + " (expected: the session's own)")
          .thrown();
    }
    return new Labeler(caller.vendor(), id);
  }

  /** Who extends a lease or hands it back: a person for itself only, and after a sign of life. */
  Holder holder() {
    String named =
        body.isEmpty() ? null : form(Forms.HolderForm.class).labeler(); // many send no body
    if (caller instanceof Caller.Person person) {
      String self = person.labelerId();
      return new Holder(caller.vendor(), labeler(named == null ? self : named).id(), true);
    }
    return new Holder(caller.vendor(), named, false);
  }

  /** A header's value. */
  Optional<String> header(String name) {
    return request.getHeader(name).map(HttpHeader::value);
  }

  /** The query's parameters, each of which must be one of {@code known} and there once. */
  Map<String, String> query(String... known) {
    Map<String, String> values = new HashMap<>();
    List<Pair<String, String>> parameters;
    try {
      parameters = request.getUri().query().toList();
    } catch (IllegalUriException e) {
      throw Problem.of(Problem.Kind.MALFORMED_REQUEST, "query (expected: percent-encoded UTF-8)")
          .thrown();
    }
    for (Pair<String, String> parameter : parameters) {
      if (!List.of(known).contains(parameter.first())) {
        throw Problem.of(
                Problem.Kind.MALFORMED_REQUEST,
                "query parameter: %s (expected: one of %s)"
                    .formatted(parameter.first(), String.join(", ", known)))
            .thrown();
      }
      if (values.put(parameter.first(), parameter.second()) != null) {
        throw Problem.of(
                Problem.Kind.MALFORMED_REQUEST,
                "query parameter: %s twice (expected: once)".formatted(parameter.first()))
            .thrown();
      }
    }
    return values;
  }

  /** A whole number among the query's parameters. */
  static int number(Map<String, String> query, String name, int absent, int least, int most) {
    String text = query.get(name);
    if (text == null) {
      return absent;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Refused below, like a number out of range.
    }
    throw Problem.of(
            Problem.Kind.MALFORMED_REQUEST,
            "%s: %s (expected: %d to %d)".formatted(name, text, least, most))
        .thrown();
  }
}
