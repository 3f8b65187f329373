package plaudit.gateway.http;

import static java.util.concurrent.CompletableFuture.supplyAsync;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.json.Json;
import plaudit.gateway.json.MalformedJsonException;
import plaudit.gateway.store.Hashes;
import plaudit.gateway.store.IdempotencyKey;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.JudgeOutcome;
import plaudit.gateway.store.JudgmentPage;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.StoredJudgment;
import plaudit.gateway.store.StoredJudgment.Disposition;

/** Judgments in: one or many, amended, listed. */
final class JudgmentApi {

  private static final int PAGE_SIZE = 100;
  private static final int MAX_PAGE_SIZE = 1000;
  private static final int MAX_KEY = 255;

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final Executor database;
  private final GatewayMeters meters;

  JudgmentApi(
      GatewaySettings settings, JdbcLabels labels, Executor database, GatewayMeters meters) {
    this.settings = settings;
    this.labels = labels;
    this.database = database;
    this.meters = meters;
  }

  List<Endpoint> endpoints() {
    int body = settings.maxBody();
    return List.of(
        Endpoint.post("/v1/judgments", body, this::judge),
        Endpoint.post("/v1/judgments:batch", settings.maxBatchBody(), this::batch),
        Endpoint.get("/v1/judgments", this::list),
        Endpoint.get("/v1/judgments/{judgmentId}", this::judgment),
        Endpoint.post("/v1/judgments/{judgmentId}:amend", body, this::amend));
  }

  private CompletionStage<HttpResponse> judge(Call call) {
    IdempotencyKey key = key(call);
    Forms.JudgmentForm form = call.form(Forms.JudgmentForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return supplyAsync(() -> labels.judge(labeler, form.submission(), Optional.of(key)), database)
        .thenApply(this::judged);
  }

  private CompletionStage<HttpResponse> amend(Call call) {
    IdempotencyKey key = key(call);
    Forms.AmendForm form = call.form(Forms.AmendForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return supplyAsync(
            () -> labels.amend(labeler, call.part("judgmentId"), form.answer(), Optional.of(key)),
            database)
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
    return supplyAsync(
        () -> {
          List<Map<String, Object>> results = new ArrayList<>();
          for (int i = 0; i < items.size(); i++) {
            results.add(one(call, items.get(i), i));
          }
          return Replies.json(200, Map.of("results", results));
        },
        database);
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
    } catch (Problem.Refusal e) {
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
    return supplyAsync(() -> labels.list(vendor, labeler, after, size), database)
        .thenApply(page -> Replies.json(200, view(page)));
  }

  private static Map<String, Object> view(JudgmentPage page) {
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
    return supplyAsync(() -> labels.judgment(call.caller().vendor(), id), database)
        .thenApply(
            found ->
                Replies.json(
                    200,
                    found
                        .filter(
                            judgment ->
                                !(call.caller() instanceof Caller.Person person)
                                    || person.labelerId().equals(judgment.labelerId()))
                        .orElseThrow(() -> Problem.unknown("judgment", id))));
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
}
