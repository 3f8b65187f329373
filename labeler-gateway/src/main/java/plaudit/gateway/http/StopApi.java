package plaudit.gateway.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.Router.Access;
import plaudit.gateway.http.Router.Endpoint;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.VendorStats;

/**
 * The emergency stop of the run, which anyone may pull and operators clear, the guideline, and a
 * vendor's own numbers.
 */
final class StopApi {

  private final GatewaySettings settings;
  private final JdbcLabels labels;
  private final Admission admission;
  private final GatewayMeters meters;

  StopApi(GatewaySettings settings, JdbcLabels labels, Admission admission, GatewayMeters meters) {
    this.settings = settings;
    this.labels = labels;
    this.admission = admission;
    this.meters = meters;
  }

  List<Endpoint> endpoints() {
    int body = settings.maxBody();
    return List.of(
        new Endpoint("POST", "/v1/andon", Access.KNOWN, body, this::stopRun),
        new Endpoint("POST", "/v1/andon:clear", Access.OPERATOR, body, this::clearStop),
        Endpoint.get("/v1/vendors/me/stats", this::stats),
        Endpoint.get("/v1/guideline", this::guideline));
  }

  private CompletionStage<HttpResponse> stopRun(Call call) {
    Forms.AndonForm form = call.form(Forms.AndonForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return admission.submit(
        Work.STOP,
        () -> {
          labels.stopRun(labeler, form.why());
          meters.stopped();
          return Replies.json(202, Map.of("stopped", true));
        });
  }

  private CompletionStage<HttpResponse> clearStop(Call call) {
    Forms.AndonForm form = call.form(Forms.AndonForm.class);
    Labeler labeler = call.labeler(form.labeler());
    return admission.submit(
        Work.JUDGMENT,
        () -> {
          labels.resumeRun(labeler, form.why());
          return Replies.json(202, Map.of("stopped", false));
        });
  }

  private CompletionStage<HttpResponse> stats(Call call) {
    return admission.submit(
        Work.LIST,
        () -> {
          VendorStats stats = labels.stats(call.caller().vendor());
          return Replies.json(200, Map.of("vendor", call.caller().vendor(), "counts", stats));
        });
  }

  private CompletionStage<HttpResponse> guideline(Call call) {
    return CompletableFuture.completedFuture(
        Replies.json(
            200, Map.of("version", settings.guidelineVersion(), "text", settings.guideline())));
  }
}
