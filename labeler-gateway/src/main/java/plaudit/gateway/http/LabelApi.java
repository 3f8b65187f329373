package plaudit.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import plaudit.gateway.GatewayMeters;
import plaudit.gateway.GatewaySettings;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.json.Json;
import plaudit.gateway.json.MalformedJsonException;
import plaudit.gateway.store.Disposition;
import plaudit.gateway.store.ExtendOutcome;
import plaudit.gateway.store.Hashes;
import plaudit.gateway.store.IdempotencyKey;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.JudgeOutcome;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.Lease;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.gateway.store.Page;
import plaudit.gateway.store.StoredJudgment;
import plaudit.gateway.store.VendorStats;
import plaudit.labels.Choice;

/** The vendors' API: tasks out on lease, judgments in. */
final class LabelApi {

  private static final int MAX_WAITING = 2000;
  private static final int PAGE_SIZE = 100;
  private static final int MAX_PAGE_SIZE = 1000;
  private static final int RETRY_SECONDS = 2;
  private static final int MAX_KEY = 255;

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final WorkBell bell;
  private final Executor blocking;
  private final InstantSource clock;
  private final GatewayMeters meters;
  private final BooleanSupplier draining;
  private final String guidelineVersion;

  LabelApi(
      GatewaySettings settings,
      JdbcLabels labels,
      WorkBell bell,
      Executor blocking,
      InstantSource clock,
      GatewayMeters meters,
      BooleanSupplier draining) {
    this.settings = settings;
    this.labels = labels;
    this.bell = bell;
    this.blocking = blocking;
    this.clock = clock;
    this.meters = meters;
    this.draining = draining;
    this.guidelineVersion = version(settings.guideline());
  }

  /** A guideline's version is what it says. */
  static String version(String guideline) {
    return Hashes.sha256(guideline.getBytes(StandardCharsets.UTF_8)).substring(0, 12);
  }

  List<Endpoint> endpoints() {
    int body = settings.maxBody();
    return List.of(
        post("/v1/leases", body, this::lease),
        post("/v1/leases/{leaseId}:extend", body, this::extend),
        post("/v1/leases/{leaseId}:release", body, this::release),
        post("/v1/judgments", body, this::judge),
        post("/v1/judgments:batch", settings.maxBatchBody(), this::batch),
        get("/v1/judgments", this::list),
        get("/v1/judgments/{judgmentId}", this::judgment),
        post("/v1/judgments/{judgmentId}:amend", body, this::amend),
        post("/v1/tasks/{taskId}:skip", body, this::skip),
        post("/v1/tasks/{taskId}:flag", body, this::flag),
        post("/v1/andon", body, this::stopLine),
        new Endpoint("POST", "/v1/andon:clear", Access.PERSON, body, this::clearLine),
        get("/v1/vendors/me/stats", this::stats),
        get("/v1/guideline", this::guideline));
  }

  private static Endpoint post(String template, int body, Router.Handler handler) {
    return new Endpoint("POST", template, Access.CALLER, body, handler);
  }

  private static Endpoint get(String template, Router.Handler handler) {
    return new Endpoint("GET", template, Access.CALLER, 0, handler);
  }

  private record LeaseView(
      String leaseId, int epoch, Instant expireTime, long heartbeatSeconds, TaskView task) {}

  private record TaskView(
      String taskId,
      String comparisonId,
      String guidelineVersion,
      Map<String, String> query,
      List<Lease.Option> choices,
      List<Choice.Reason> allow) {}

  private CompletionStage<HttpResponse> lease(Call call) {
    Forms.LeaseForm form = call.form(Forms.LeaseForm.class);
    Labeler labeler = call.labeler(form.labeler());
    int max = form.tasks();
    int wait = form.wait((int) settings.maxWait().toSeconds());
    if (draining.getAsBoolean()) {
      throw Problem.of(Problem.Kind.TEMPORARY_REDUCED_CAPACITY, "the gateway is shutting down")
          .with("retryAfter", RETRY_SECONDS)
          .thrown();
    }
    return leaseBefore(labeler, max, clock.instant().plusSeconds(wait)).thenApply(this::leased);
  }

  private CompletionStage<LeaseOutcome> leaseBefore(Labeler labeler, int max, Instant deadline) {
    CompletableFuture<Boolean> ring = bell.next();
    return off(() -> labels.lease(labeler, max))
        .thenCompose(
            outcome -> {
              Duration left = Duration.between(clock.instant(), deadline);
              boolean none =
                  outcome instanceof LeaseOutcome.Granted granted && granted.leases().isEmpty();
              if (!none
                  || left.isNegative()
                  || left.isZero()
                  || draining.getAsBoolean()
                  || bell.waiting() >= MAX_WAITING) {
                return CompletableFuture.completedFuture(outcome);
              }
              return bell.await(ring, left)
                  .thenCompose(rung -> leaseBefore(labeler, max, deadline));
            });
  }

  private HttpResponse leased(LeaseOutcome outcome) {
    if (outcome instanceof LeaseOutcome.Stopped stopped) {
      throw Problem.of(Problem.Kind.LINE_STOPPED, "reason: " + stopped.reason())
          .with("retryAfter", 10 * RETRY_SECONDS)
          .thrown();
    }
    List<Lease> leases = ((LeaseOutcome.Granted) outcome).leases();
    if (leases.isEmpty()) {
      return Replies.with(Replies.noContent(), "Retry-After", String.valueOf(RETRY_SECONDS));
    }
    meters.leased(leases.size());
    return Replies.json(200, Map.of("leases", leases.stream().map(this::view).toList()));
  }

  private LeaseView view(Lease lease) {
    return new LeaseView(
        lease.leaseId(),
        lease.epoch(),
        lease.expireTime(),
        Math.max(1, labels.settings().lease().toSeconds() / 3),
        new TaskView(
            lease.task().taskId(),
            lease.task().comparisonId(),
            guidelineVersion,
            Map.of("text", lease.task().query()),
            lease.task().choices(),
            List.of(Choice.Reason.values())));
  }

  private CompletionStage<HttpResponse> extend(Call call) {
    String leaseId = call.part("leaseId");
    return off(() -> labels.extend(call.caller().vendor(), leaseId))
        .thenApply(
            outcome -> {
              if (outcome instanceof ExtendOutcome.Extended extended) {
                return Replies.json(
                    200, Map.of("leaseId", leaseId, "expireTime", extended.expireTime()));
              }
              if (outcome instanceof ExtendOutcome.Over over) {
                throw Problem.of(Problem.Kind.LEASE_OVER, over.reason()).thrown();
              }
              throw unknown("lease", leaseId);
            });
  }

  private CompletionStage<HttpResponse> release(Call call) {
    String leaseId = call.part("leaseId");
    return off(() -> labels.release(call.caller().vendor(), leaseId))
        .thenApply(known -> doneIf(known, "lease", leaseId));
  }

  private CompletionStage<HttpResponse> judge(Call call) {
    IdempotencyKey key = key(call);
    Forms.JudgmentForm form = call.form(Forms.JudgmentForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return off(() -> labels.judge(labeler, form.submission(), Optional.of(key)))
        .thenApply(this::judged);
  }

  private CompletionStage<HttpResponse> amend(Call call) {
    IdempotencyKey key = key(call);
    Forms.AmendForm form = call.form(Forms.AmendForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return off(() ->
            labels.amend(labeler, call.part("judgmentId"), form.answer(), Optional.of(key)))
        .thenApply(this::judged);
  }

  private HttpResponse judged(JudgeOutcome outcome) {
    StoredJudgment judgment = accepted(outcome);
    HttpResponse response =
        Replies.with(
            Replies.json(status(outcome), judgment),
            "Location",
            "/v1/judgments/" + judgment.judgmentId());
    return outcome instanceof JudgeOutcome.Repeated
        ? Replies.with(response, "Idempotency-Replayed", "true")
        : response;
  }

  private static int status(JudgeOutcome outcome) {
    if (outcome instanceof JudgeOutcome.Recorded recorded) {
      return recorded.judgment().disposition() == Disposition.SURPLUS ? 202 : 201;
    }
    return 200;
  }

  private StoredJudgment accepted(JudgeOutcome outcome) {
    if (outcome instanceof JudgeOutcome.Recorded recorded) {
      meters.judged(recorded.judgment());
      return recorded.judgment();
    }
    if (outcome instanceof JudgeOutcome.Repeated repeated) {
      return repeated.judgment();
    }
    throw refused(outcome).thrown();
  }

  private static Problem refused(JudgeOutcome outcome) {
    if (outcome instanceof JudgeOutcome.Conflict conflict) {
      String existing = "/v1/judgments/" + conflict.existing().judgmentId();
      return Problem.of(Problem.Kind.JUDGMENT_CONFLICT, "the comparison is answered by " + existing)
          .with("existing", existing)
          .with("amend", existing + ":amend");
    }
    if (outcome instanceof JudgeOutcome.KeyReused) {
      return Problem.of(
          Problem.Kind.IDEMPOTENCY_KEY_REUSED, "the key came with another body before");
    }
    if (outcome instanceof JudgeOutcome.LeaseSuperseded superseded) {
      return Problem.at(Problem.Kind.LEASE_SUPERSEDED, "/epoch", superseded.detail());
    }
    if (outcome instanceof JudgeOutcome.UnknownChoice choice) {
      return Problem.at(
          Problem.Kind.UNKNOWN_CHOICE,
          "/choiceId",
          "choiceId: " + choice.choiceId() + " (expected: one of the task's choices)");
    }
    if (outcome instanceof JudgeOutcome.ImplausibleTime time) {
      return Problem.at(Problem.Kind.IMPLAUSIBLE_TIME, time.pointer(), time.detail());
    }
    if (outcome instanceof JudgeOutcome.NotAmendable not) {
      return Problem.of(Problem.Kind.NOT_AMENDABLE, not.detail());
    }
    return Problem.of(Problem.Kind.NOT_FOUND, "there is no such lease or judgment");
  }

  private CompletionStage<HttpResponse> batch(Call call) {
    List<JsonNode> items = call.form(Forms.BatchForm.class).items();
    return off(
        () -> {
          List<Map<String, Object>> results = new ArrayList<>();
          for (int i = 0; i < items.size(); i++) {
            results.add(one(call, items.get(i), i));
          }
          return Replies.json(200, Map.of("results", results));
        });
  }

  private Map<String, Object> one(Call call, JsonNode item, int index) {
    Problem problem;
    try {
      Forms.JudgmentForm form = Json.convert(item, Forms.JudgmentForm.class);
      JudgeOutcome outcome =
          labels.judge(call.labeler(form.labeler()), form.submission(), Optional.empty());
      StoredJudgment judgment = accepted(outcome);
      return Map.of("index", index, "status", status(outcome), "judgment", judgment);
    } catch (MalformedJsonException e) {
      problem = Call.malformed(e);
    } catch (ProblemException e) {
      problem = e.problem();
    }
    return Map.of("index", index, "status", problem.kind().status(), "problem", problem.members());
  }

  private CompletionStage<HttpResponse> list(Call call) {
    Map<String, String> query = call.query("pageSize", "pageToken", "labelerId");
    int size = Call.number(query, "pageSize", PAGE_SIZE, 1, MAX_PAGE_SIZE);
    long after = after(query.get("pageToken"));
    String vendor = call.caller().vendor();
    String labeler =
        call.caller() instanceof Caller.Person person ? person.labelerId() : query.get("labelerId");
    return off(() -> labels.list(vendor, labeler, after, size))
        .thenApply(page -> Replies.json(200, view(page)));
  }

  private static Map<String, Object> view(Page page) {
    return page.next() == 0
        ? Map.of("judgments", page.items())
        : Map.of("judgments", page.items(), "nextPageToken", token(page.next()));
  }

  private static String token(long arrival) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(("a" + arrival).getBytes(StandardCharsets.US_ASCII));
  }

  private static long after(@org.jspecify.annotations.Nullable String token) {
    if (token == null) {
      return 0;
    }
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.US_ASCII);
      if (text.startsWith("a")) {
        return Long.parseLong(text.substring(1));
      }
    } catch (IllegalArgumentException e) {
      // Not one of ours: refused below.
    }
    throw Problem.of(
            Problem.Kind.MALFORMED_REQUEST,
            "pageToken (expected: nextPageToken of the page before)")
        .thrown();
  }

  private CompletionStage<HttpResponse> judgment(Call call) {
    String id = call.part("judgmentId");
    return off(() -> labels.judgment(call.caller().vendor(), id))
        .thenApply(
            found ->
                Replies.json(
                    200,
                    found
                        .filter(
                            judgment ->
                                !(call.caller() instanceof Caller.Person person)
                                    || person.labelerId().equals(judgment.labelerId()))
                        .orElseThrow(() -> unknown("judgment", id))));
  }

  private CompletionStage<HttpResponse> skip(Call call) {
    Forms.SkipForm form = call.form(Forms.SkipForm.class);
    String taskId = call.part("taskId");
    Labeler labeler = call.labeler(form.labeler());
    return off(() -> labels.skip(labeler, taskId, form.remark()))
        .thenApply(known -> doneIf(known, "task", taskId));
  }

  private CompletionStage<HttpResponse> flag(Call call) {
    Forms.FlagForm form = call.form(Forms.FlagForm.class);
    String taskId = call.part("taskId");
    Labeler labeler = call.labeler(form.labeler());
    return off(() -> labels.flag(labeler, taskId, form.remark()))
        .thenApply(known -> doneIf(known, "task", taskId));
  }

  private CompletionStage<HttpResponse> stopLine(Call call) {
    Forms.AndonForm form = call.form(Forms.AndonForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return off(
        () -> {
          labels.stopLine(labeler, form.why());
          meters.stopped();
          return Replies.json(202, Map.of("stopped", true));
        });
  }

  private CompletionStage<HttpResponse> clearLine(Call call) {
    Forms.AndonForm form = call.form(Forms.AndonForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return off(
        () -> {
          labels.resumeLine(labeler, form.why());
          return Replies.json(202, Map.of("stopped", false));
        });
  }

  private CompletionStage<HttpResponse> stats(Call call) {
    return off(
        () -> {
          VendorStats stats = labels.stats(call.caller().vendor());
          return Replies.json(200, Map.of("vendor", call.caller().vendor(), "counts", stats));
        });
  }

  private CompletionStage<HttpResponse> guideline(Call call) {
    return CompletableFuture.completedFuture(
        Replies.json(200, Map.of("version", guidelineVersion, "text", settings.guideline())));
  }

  /** The header's name with the fingerprint of what was asked under it. */
  private static IdempotencyKey key(Call call) {
    String name = call.header("Idempotency-Key").orElse("").strip();
    if (name.length() >= 2 && name.startsWith("\"") && name.endsWith("\"")) {
      name = name.substring(1, name.length() - 1);
    }
    if (name.isEmpty()) {
      throw Problem.of(
              Problem.Kind.IDEMPOTENCY_KEY_MISSING,
              "Idempotency-Key (expected: a name of this request, 1 to 255 characters)")
          .thrown();
    }
    if (name.length() > MAX_KEY) {
      throw Problem.of(
              Problem.Kind.MALFORMED_REQUEST,
              "Idempotency-Key of %d characters (expected: <= %d)"
                  .formatted(name.length(), MAX_KEY))
          .thrown();
    }
    // Canonical: read as the form it is and written with sorted names.
    boolean amendment = !call.part("judgmentId").isEmpty();
    Object form =
        amendment ? call.form(Forms.AmendForm.class) : call.form(Forms.JudgmentForm.class);
    String canonical = call.request().getUri().path() + "\n" + Json.write(form);
    return new IdempotencyKey(name, Hashes.sha256(canonical.getBytes(StandardCharsets.UTF_8)));
  }

  private static HttpResponse doneIf(boolean known, String what, String id) {
    if (!known) {
      throw unknown(what, id);
    }
    return Replies.noContent();
  }

  private static ProblemException unknown(String what, String id) {
    return Problem.of(Problem.Kind.NOT_FOUND, what + ": " + id + " (expected: one of this vendor)")
        .thrown();
  }

  private <T> CompletableFuture<T> off(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, blocking);
  }
}
