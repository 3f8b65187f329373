package plaudit.gateway.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.store.History;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.input.InvalidInputException;

/** The people at the pages: who one is, what one judged, and who else is invited. */
final class PeopleApi {

  private static final int NEWEST = 10;
  private static final int MAX_DAYS = 366;
  private static final int DAYS = 14;

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final RunView run;
  private final Sessions sessions;
  private final SessionCookie cookies;
  private final Admission admission;
  private final InstantSource clock;

  PeopleApi(
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      Sessions sessions,
      Admission admission,
      InstantSource clock) {
    this.settings = settings;
    this.labels = labels;
    this.run = run;
    this.sessions = sessions;
    this.cookies = new SessionCookie(sessions, settings.page());
    this.admission = admission;
    this.clock = clock;
  }

  List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("GET", "/v1/session", Access.PERSON, 0, this::session),
        new Endpoint("GET", "/v1/session/judgments", Access.PERSON, 0, this::history),
        new Endpoint("POST", "/v1/invitations", Access.OPERATOR, settings.maxBody(), this::invite));
  }

  /**
   * Invites a person.
   *
   * @param labelerId who the person is as a labeler
   * @param operator whether with an operator's rights
   * @param days how long the link can be opened
   */
  record InvitationForm(
      @Nullable String labelerId, @Nullable Boolean operator, @Nullable Integer days) {}

  private CompletionStage<HttpResponse> session(Call call) {
    Caller.Person person = (Caller.Person) call.caller();
    HttpResponse response =
        Replies.json(
            200,
            Map.of(
                "labelerId", person.labelerId(),
                "operator", person.operator(),
                "guideline", settings.guideline(),
                "guidelineVersion", settings.guidelineVersion(),
                "leaseSeconds", labels.settings().lease().toSeconds(),
                "amendSeconds", labels.amendWindow().toSeconds(),
                "maxWaitSeconds", settings.maxWait().toSeconds()));
    return CompletableFuture.completedFuture(
        cookies
            .renewed(call.request())
            .map(value -> cookies.on(response, call.request(), value))
            .orElse(response));
  }

  private CompletionStage<HttpResponse> history(Call call) {
    Labeler labeler =
        new Labeler(call.caller().vendor(), ((Caller.Person) call.caller()).labelerId());
    return admission.submit(
        Work.LIST,
        () -> {
          History history = labels.history(labeler, NEWEST);
          return Replies.json(
              200,
              Map.of(
                  "count",
                  history.count(),
                  "judgments",
                  history.newest().stream().map(this::view).toList()));
        });
  }

  /** Ages instead of times, for browsers whose clock is wrong. */
  private Map<String, Object> view(History.Entry entry) {
    Duration age = Duration.between(entry.judgment().receivedTime(), clock.instant());
    return Map.of(
        "judgment",
        entry.judgment(),
        "query",
        run.shown(entry.task().query()),
        "choices",
        entry.task().choices(),
        "ageSeconds",
        Math.max(0, age.toSeconds()),
        "amendableSeconds",
        Math.max(0, labels.amendWindow().minus(age).toSeconds()));
  }

  private CompletionStage<HttpResponse> invite(Call call) {
    InvitationForm form = call.form(InvitationForm.class);
    int days = form.days() == null ? DAYS : form.days();
    if (days < 1 || days > MAX_DAYS) {
      throw Problem.at(
              Problem.Kind.MALFORMED_REQUEST,
              "/days",
              "days: %d (expected: 1 to %d)".formatted(days, MAX_DAYS))
          .thrown();
    }
    boolean operator = Boolean.TRUE.equals(form.operator());
    Instant end = clock.instant().plus(Duration.ofDays(days));
    String name = form.labelerId() == null ? "" : form.labelerId();
    String token;
    try {
      token = sessions.invite(name, operator, Duration.ofDays(days));
    } catch (InvalidInputException e) {
      throw Problem.at(Problem.Kind.MALFORMED_REQUEST, "/labelerId", String.valueOf(e.getMessage()))
          .thrown();
    }
    String base =
        settings
            .page()
            .publicUrl()
            .map(PublicUrl::toString)
            .orElse("http://%s/".formatted(call.header("Host").orElse("")));
    return CompletableFuture.completedFuture(
        Replies.json(
            201,
            Map.of(
                "labelerId", name,
                "operator", operator,
                "url", base + "?invite=" + token,
                "expireTime", end)));
  }
}
