package plaudit.gateway.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;
import plaudit.gateway.json.Json;

/** What is answered: JSON, problems and resources. */
final class Replies {

  private static final ContentType PROBLEM =
      MediaTypes.customWithFixedCharset(
              "application",
              "problem+json",
              org.apache.pekko.http.javadsl.model.HttpCharsets.UTF_8,
              Map.of(),
              false)
          .toContentType();

  private Replies() {}

  static HttpResponse json(int status, Object value) {
    return text(status, Json.write(value));
  }

  /** JSON that is written already. */
  static HttpResponse text(int status, String json) {
    return HttpResponse.create()
        .withStatus(StatusCodes.get(status))
        .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, json));
  }

  static HttpResponse noContent() {
    return HttpResponse.create().withStatus(StatusCodes.NO_CONTENT);
  }

  static HttpResponse problem(Problem problem) {
    HttpResponse response =
        HttpResponse.create()
            .withStatus(StatusCodes.get(problem.kind().status()))
            .withEntity(
                HttpEntities.create(PROBLEM, ByteString.fromString(Json.write(problem.members()))));
    return problem.extensions().get("retryAfter") instanceof Number seconds
        ? with(response, "Retry-After", String.valueOf(seconds))
        : response;
  }

  static HttpResponse with(HttpResponse response, String header, String value) {
    return response.addHeader(RawHeader.create(header, value));
  }

  /** A file of the gateway's resources. */
  static byte[] resource(String file) {
    String path = "/plaudit/gateway/" + file;
    try (InputStream in = Replies.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("resource: " + path + " (expected: on class path)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
