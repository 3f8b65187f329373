package plaudit.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.jspecify.annotations.Nullable;
import plaudit.files.Sha256;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.json.Json;
import plaudit.gateway.json.MalformedJsonException;
import plaudit.gateway.store.IdempotencyKey;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.JudgeOutcome;
import plaudit.gateway.store.JudgmentPage;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.StoredJudgment;
import plaudit.gateway.store.StoredJudgment.Disposition;
import plaudit.gateway.store.Submission;
import plaudit.gateway.store.Submitted;
import plaudit.gateway.store.SubmittedChoice;

/** Judgments in: one or many, amended, listed. */
final class JudgmentApi {

  private static final int PAGE_SIZE = 100;
  private static final int MAX_PAGE_SIZE = 1000;
  private static final int MAX_KEY = 255;
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_]{1,40}");

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final Admission admission;
  private final GatewayMeters meters;

  JudgmentApi(
      GatewaySettings settings, JdbcLabels labels, Admission admission, GatewayMeters meters) {
    this.settings = settings;
    this.labels = labels;
    this.admission = admission;
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
    Submission submission = form.submission();
    return admission
        .submit(Work.JUDGMENT, () -> labels.judge(labeler, submission, Optional.of(key)))
        .thenApply(this::judged);
  }

  private CompletionStage<HttpResponse> amend(Call call) {
    IdempotencyKey key = key(call);
    Forms.AmendForm form = call.form(Forms.AmendForm.class);
    Labeler labeler = call.labeler(form.labeler());
    SubmittedChoice answer = form.answer();
    return admission
        .submit(
            Work.JUDGMENT,
            () -> labels.amend(labeler, call.part("judgmentId"), answer, Optional.of(key)))
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
    if (outcome instanceof JudgeOutcome.LeaseOfAnotherLabeler) {
      return Problem.at(
          Problem.Kind.LEASE_OF_ANOTHER_LABELER,
          "/labelerId",
          "labelerId (expected: the labeler to whom the task was given)");
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

  /** All that can be read goes to the store in one transaction; each item has its own answer. */
  private CompletionStage<HttpResponse> batch(Call call) {
    List<JsonNode> items = call.form(Forms.BatchForm.class).items();
    call.charge().accept(items.size() - 1);
    Map<Integer, Submitted> readable = new LinkedHashMap<>();
    Map<Integer, Problem> problems = new HashMap<>();
    for (int i = 0; i < items.size(); i++) {
      try {
        Forms.JudgmentForm form = Json.convert(items.get(i), Forms.JudgmentForm.class);
        readable.put(i, new Submitted(call.labeler(form.labeler()), form.submission()));
      } catch (MalformedJsonException e) {
        problems.put(i, Call.malformed(e));
      } catch (Problem.Refusal e) {
        problems.put(i, e.problem());
      }
    }
    return admission
        .submit(Work.JUDGMENT, () -> labels.judgeAll(List.copyOf(readable.values())))
        .thenApply(
            outcomes -> {
              Iterator<JudgeOutcome> next = outcomes.iterator();
              return Replies.json(
                  200,
                  Map.of(
                      "results",
                      IntStream.range(0, items.size())
                          .mapToObj(i -> result(i, problems.get(i), next))
                          .toList()));
            });
  }

  private Map<String, Object> result(
      int index, @Nullable Problem unreadable, Iterator<JudgeOutcome> outcomes) {
    Problem problem = unreadable;
    if (problem == null) {
      JudgeOutcome outcome = outcomes.next();
      try {
        return Map.of("index", index, "status", status(outcome), "judgment", accepted(outcome));
      } catch (Problem.Refusal e) {
        problem = e.problem();
      }
    }
    return Map.of("index", index, "status", problem.kind().status(), "problem", problem.members());
  }

  private CompletionStage<HttpResponse> list(Call call) {
    Map<String, String> query = call.query("pageSize", "pageToken", "labelerId");
    int size = Call.number(query, "pageSize", PAGE_SIZE, 1, MAX_PAGE_SIZE);
    String after = query.get("pageToken");
    if (after != null && !TOKEN.matcher(after).matches()) {
      throw unknownToken();
    }
    String vendor = call.caller().vendor();
    String labeler =
        call.caller() instanceof Caller.Person person
            ? person.labelerId()
            : Forms.readable("labelerId", query.get("labelerId"));
    return admission
        .submit(Work.LIST, () -> labels.list(vendor, labeler, after, size))
        .thenApply(page -> Replies.json(200, view(page.orElseThrow(JudgmentApi::unknownToken))));
  }

  private static Problem.Refusal unknownToken() {
    return Problem.of(
            Problem.Kind.MALFORMED_REQUEST,
            "pageToken (expected: nextPageToken of the page before)")
        .thrown();
  }

  private static Map<String, Object> view(JudgmentPage page) {
    return page.next() == null
        ? Map.of("judgments", page.items())
        : Map.of("judgments", page.items(), "nextPageToken", page.next());
  }

  private CompletionStage<HttpResponse> judgment(Call call) {
    String id = call.part("judgmentId");
    return admission
        .submit(Work.LIST, () -> labels.judgment(call.caller().vendor(), id))
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
    Forms.readable("Idempotency-Key", name);
    // Canonical: read as the form it is and written with sorted names.
    boolean amendment = !call.part("judgmentId").isEmpty();
    Object form =
        amendment ? call.form(Forms.AmendForm.class) : call.form(Forms.JudgmentForm.class);
    String canonical = call.request().getUri().path() + "\n" + Json.write(form);
    return new IdempotencyKey(name, Sha256.of(canonical));
  }
}
