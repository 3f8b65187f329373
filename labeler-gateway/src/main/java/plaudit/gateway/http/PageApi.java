package plaudit.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import plaudit.files.Sha256;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.json.Json;
import plaudit.gateway.json.MalformedJsonException;
import plaudit.gateway.store.JdbcLabels;
import plaudit.labels.actor.LabelStore;

/** The two pages, their parts, and what the console asks for. */
final class PageApi {

  private static final int MAX_LINES = 5000;

  private static final List<String> ASSETS =
      List.of(
          "plaudit.css",
          "label.js",
          "console.js",
          "charts.js",
          "http.js",
          "outbox.js",
          "icon.svg",
          "vendor/uPlot.iife.min.js",
          "vendor/uPlot.min.css");

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final RunView run;
  private final Sessions sessions;
  private final SessionCookie cookies;
  private final Admission admission;

  PageApi(
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      Sessions sessions,
      Admission admission) {
    this.settings = settings;
    this.labels = labels;
    this.run = run;
    this.sessions = sessions;
    this.cookies = new SessionCookie(sessions, settings.page());
    this.admission = admission;
  }

  List<Endpoint> endpoints() {
    List<Endpoint> endpoints = new ArrayList<>();
    endpoints.add(open("/", page("label.html", "./")));
    endpoints.add(open("/console", page("console.html", "console")));
    for (String asset : ASSETS) {
      endpoints.add(open("/assets/" + asset, asset(asset)));
    }
    endpoints.add(person("/v1/run/status", this::status));
    endpoints.add(person("/v1/run/metrics", this::metrics));
    endpoints.add(person("/v1/run/samples", this::samples));
    return endpoints;
  }

  private static Endpoint open(String template, Router.Handler handler) {
    return new Endpoint("GET", template, Access.OPEN, 0, handler);
  }

  private static Endpoint person(String template, Router.Handler handler) {
    return new Endpoint("GET", template, Access.PERSON, 0, handler);
  }

  /**
   * The document is the same for everyone. What differs is the cookie: an invitation gives one, and
   * leaves the address bar by a redirect to {@code self}; a browser on this machine gets one by
   * itself.
   */
  private Router.Handler page(String file, String self) {
    byte[] bytes = Replies.resource("page/" + file);
    return call -> {
      PageGuard.check(call.request(), settings);
      Optional<Pass> invited =
          call.request().getUri().query().get("invite").flatMap(sessions::accept);
      HttpResponse response =
          invited.isPresent()
              ? Replies.with(HttpResponse.create().withStatus(303), "Location", self)
              : HttpResponse.create()
                  .withEntity(HttpEntities.create(ContentTypes.TEXT_HTML_UTF8, bytes));
      Optional<String> cookie =
          invited
              .map(pass -> sessions.issue(pass.labelerId(), pass.operator()))
              .or(() -> cookies.forPage(call.request()));
      return CompletableFuture.completedFuture(
          cookie.map(value -> cookies.on(response, call.request(), value)).orElse(response));
    };
  }

  private Router.Handler asset(String file) {
    byte[] bytes = Replies.resource("page/" + file);
    String tag = "\"" + Sha256.of(bytes).substring(0, 16) + "\"";
    ContentType type = type(file);
    return call -> {
      boolean fresh = call.header("If-None-Match").map(tag::equals).orElse(false);
      HttpResponse response =
          fresh
              ? HttpResponse.create().withStatus(304)
              : HttpResponse.create().withEntity(HttpEntities.create(type, bytes));
      return CompletableFuture.completedFuture(
          Replies.with(Replies.with(response, "ETag", tag), "Cache-Control", "no-cache"));
    };
  }

  private static ContentType type(String file) {
    if (file.endsWith(".css")) {
      return MediaTypes.TEXT_CSS.toContentType(HttpCharsets.UTF_8);
    }
    if (file.endsWith(".js")) {
      return MediaTypes.applicationWithOpenCharset("javascript", "js")
          .toContentType(HttpCharsets.UTF_8);
    }
    return ContentTypes.create(MediaTypes.IMAGE_SVG_XML);
  }

  private CompletionStage<HttpResponse> status(Call call) {
    return admission.submit(
        Work.LIST,
        () -> {
          LabelStore.Status status = labels.status();
          Map<String, Object> answer = new LinkedHashMap<>();
          answer.put("run", tree(run.statusJson()));
          answer.put("labels", status);
          Optional<LabelStore.Stop> stop = labels.stop();
          answer.put("stopReason", stop.map(LabelStore.Stop::reason).orElse(""));
          stop.ifPresent(it -> answer.put("stop", it));
          return Replies.json(200, answer);
        });
  }

  private CompletionStage<HttpResponse> metrics(Call call) {
    int since = Call.number(call.query("since"), "since", 0, 0, Integer.MAX_VALUE);
    return admission.submit(
        Work.LIST,
        () -> {
          List<String> lines = run.metricsSince(since);
          List<String> some = lines.subList(0, Math.min(MAX_LINES, lines.size()));
          return Replies.json(
              200,
              Map.of(
                  "since",
                  since,
                  "next",
                  since + some.size(),
                  "lines",
                  some.stream().map(PageApi::tree).toList()));
        });
  }

  private CompletionStage<HttpResponse> samples(Call call) {
    return admission.submit(
        Work.LIST,
        () ->
            Replies.json(
                200, Map.of("samples", run.samples().stream().map(PageApi::sample).toList())));
  }

  /** A sample is an object already or becomes one. */
  private static Object sample(String text) {
    try {
      JsonNode node = Json.tree(text);
      return node.isObject() ? node : Map.of("response", text);
    } catch (MalformedJsonException e) {
      return Map.of("response", text);
    }
  }

  /** What the run wrote; an empty object if it is not JSON (a line half written, or NaN). */
  private static Object tree(String text) {
    try {
      return Json.tree(text);
    } catch (MalformedJsonException e) {
      return Map.of();
    }
  }
}
