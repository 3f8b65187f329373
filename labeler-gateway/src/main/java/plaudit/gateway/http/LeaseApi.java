package plaudit.gateway.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.store.ExtendOutcome;
import plaudit.gateway.store.Holder;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.Lease;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.gateway.store.Remark;
import plaudit.gateway.store.StoreSettings;
import plaudit.gateway.store.TaskOutcome;
import plaudit.labels.Choice;

/** Tasks out on lease: take, extend, hand back, skip, flag. */
final class LeaseApi {

  private static final Logger log = LoggerFactory.getLogger(LeaseApi.class);
  private static final int RETRY_SECONDS = 2;

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final RunView run;
  private final LongPolls<LeaseOutcome> polls;
  private final Admission admission;
  private final InstantSource clock;
  private final GatewayMeters meters;
  private final BooleanSupplier draining;

  LeaseApi(
      GatewaySettings settings,
      JdbcLabels labels,
      RunView run,
      LongPolls<LeaseOutcome> polls,
      Admission admission,
      InstantSource clock,
      GatewayMeters meters,
      BooleanSupplier draining) {
    this.settings = settings;
    this.labels = labels;
    this.run = run;
    this.polls = polls;
    this.admission = admission;
    this.clock = clock;
    this.meters = meters;
    this.draining = draining;
  }

  List<Endpoint> endpoints() {
    int body = settings.maxBody();
    return List.of(
        Endpoint.post("/v1/leases", body, this::lease),
        Endpoint.post("/v1/leases/{leaseId}:extend", body, this::extend),
        Endpoint.post("/v1/leases/{leaseId}:release", body, this::release),
        Endpoint.post("/v1/tasks/{taskId}:skip", body, this::skip),
        Endpoint.post("/v1/tasks/{taskId}:flag", body, this::flag));
  }

  private record LeaseView(
      String leaseId,
      int epoch,
      Instant expireTime,
      long expiresInSeconds,
      long heartbeatSeconds,
      long offerAgainSeconds,
      TaskView task) {}

  private record TaskView(
      String taskId,
      String comparisonId,
      String guidelineVersion,
      Map<String, Object> query,
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
    CompletionStage<LeaseOutcome> outcome =
        wait == 0
            ? admission.submit(Work.LEASE, () -> labels.lease(labeler, max))
            : within(Duration.ofSeconds(wait), call, labeler, max);
    return outcome.thenApply(found -> leased(labeler, found));
  }

  private CompletionStage<LeaseOutcome> within(Duration wait, Call call, Labeler labeler, int max) {
    LongPolls.Place<LeaseOutcome> place =
        polls.await(
            labeler,
            wait,
            () ->
                admission
                    .submit(Work.LEASE, () -> labels.lease(labeler, max))
                    .thenApply(found -> none(found) ? Optional.empty() : Optional.of(found)));
    call.connection().whenLeft(place.leave());
    return place
        .answer()
        .thenApply(
            found -> {
              if (call.connection().isLeft()
                  && found.orElse(null) instanceof LeaseOutcome.Granted granted) {
                handBack(new Holder(labeler.vendor(), labeler.id(), false), granted.leases());
              }
              return found.orElseGet(() -> new LeaseOutcome.Granted(List.of()));
            });
  }

  private static boolean none(LeaseOutcome outcome) {
    return outcome instanceof LeaseOutcome.Granted granted && granted.leases().isEmpty();
  }

  /** The client has disconnected: its tasks go back. */
  private void handBack(Holder holder, List<Lease> leases) {
    for (Lease lease : leases) {
      admission
          .submit(Work.JUDGMENT, () -> labels.release(holder, lease.leaseId()))
          .exceptionally(
              failure -> {
                log.debug("Not handed back: [{}]", failure.toString());
                return TaskOutcome.UNKNOWN;
              });
    }
  }

  private HttpResponse leased(Labeler labeler, LeaseOutcome outcome) {
    if (outcome instanceof LeaseOutcome.Stopped stopped) {
      throw Problem.of(Problem.Kind.LINE_STOPPED, "reason: " + stopped.reason())
          .with("retryAfter", 10 * RETRY_SECONDS)
          .thrown();
    }
    StoreSettings.Held most = labels.settings().held();
    if (outcome instanceof LeaseOutcome.TooManyLeases held) {
      throw Problem.of(
              Problem.Kind.TOO_MANY_LEASES,
              "leases: %d of labeler %s (expected: < %d), %d of vendor %s (expected: < %d)"
                  .formatted(
                      held.byLabeler(),
                      labeler.id(),
                      most.labeler(),
                      held.byVendor(),
                      labeler.vendor(),
                      most.vendor()))
          .with("retryAfter", RETRY_SECONDS)
          .thrown();
    }
    if (outcome instanceof LeaseOutcome.TooManyLabelers) {
      throw Problem.at(
              Problem.Kind.TOO_MANY_LABELERS,
              "/labelerId",
              "labelerId: %s (expected: one of the vendor's %d labelers)"
                  .formatted(labeler.id(), labels.settings().labelersPerVendor()))
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
        secondsTo(lease.expireTime()),
        Math.max(1, labels.settings().lease().toSeconds() / 3),
        Math.max(1, lease.patience().toSeconds()),
        new TaskView(
            lease.task().taskId(),
            lease.task().comparisonId(),
            settings.guidelineVersion(),
            run.shown(lease.task().query()),
            lease.task().choices(),
            List.of(Choice.Reason.values())));
  }

  /** For callers whose clock may be wrong. */
  private long secondsTo(Instant time) {
    return Math.max(0, Duration.between(clock.instant(), time).toSeconds());
  }

  private CompletionStage<HttpResponse> extend(Call call) {
    String leaseId = call.part("leaseId");
    Holder holder = call.holder();
    return admission
        .submit(Work.JUDGMENT, () -> labels.extend(holder, leaseId))
        .thenApply(
            outcome -> {
              if (outcome instanceof ExtendOutcome.Extended extended) {
                return Replies.json(
                    200,
                    Map.of(
                        "leaseId", leaseId,
                        "expireTime", extended.expireTime(),
                        "expiresInSeconds", secondsTo(extended.expireTime())));
              }
              if (outcome instanceof ExtendOutcome.Over over) {
                throw Problem.of(Problem.Kind.LEASE_OVER, over.reason()).thrown();
              }
              if (outcome instanceof ExtendOutcome.OfAnotherLabeler) {
                throw ofAnother();
              }
              throw Problem.unknown("lease", leaseId);
            });
  }

  private CompletionStage<HttpResponse> release(Call call) {
    String leaseId = call.part("leaseId");
    Holder holder = call.holder();
    return admission
        .submit(Work.JUDGMENT, () -> labels.release(holder, leaseId))
        .thenApply(outcome -> done(outcome, "lease", leaseId));
  }

  private CompletionStage<HttpResponse> skip(Call call) {
    Forms.SkipForm form = call.form(Forms.SkipForm.class);
    String taskId = call.part("taskId");
    Labeler labeler = call.labeler(form.labeler());
    Remark remark = form.remark();
    return admission
        .submit(Work.JUDGMENT, () -> labels.skip(labeler, taskId, remark))
        .thenApply(outcome -> done(outcome, "task", taskId));
  }

  private CompletionStage<HttpResponse> flag(Call call) {
    Forms.FlagForm form = call.form(Forms.FlagForm.class);
    String taskId = call.part("taskId");
    Labeler labeler = call.labeler(form.labeler());
    Remark remark = form.remark();
    return admission
        .submit(Work.JUDGMENT, () -> labels.flag(labeler, taskId, remark))
        .thenApply(outcome -> done(outcome, "task", taskId));
  }

  private static HttpResponse done(TaskOutcome outcome, String what, String id) {
    return switch (outcome) {
      case DONE -> Replies.noContent();
      case UNKNOWN -> throw Problem.unknown(what, id);
      case OF_ANOTHER_LABELER -> throw ofAnother();
    };
  }

  private static Problem.Refusal ofAnother() {
    return Problem.at(
            Problem.Kind.LEASE_OF_ANOTHER_LABELER,
            "/labelerId",
            "labelerId (expected: the labeler to whom the task was given)")
        .thrown();
  }
}
