package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalReader.Learned;
import plaudit.gateway.store.Labeler;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.RunLabels;

/** A person stops a run over HTTP: it publishes nothing more, waits, and goes on when it may. */
class StoppedRunTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int UPDATES = 6;
  private static final Pattern URL = Pattern.compile("Label at\\s+(http\\S+?)/\\s");

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final StringWriter terminal = new StringWriter();
  @TempDir private Path directory;
  private Path model;
  private String url = "";
  private String cookie = "";

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  /** An update takes seconds here, so that the stop comes while one is computed. */
  @Test
  void anUpdateThatIsComputedWhenAPersonStopsTheRunIsPublishedWhenItGoesOn() throws Exception {
    Future<Job.Result> run = start(UPDATES, "policy.epochs=100");
    await("the first version", run, () -> published() >= 1);
    post("/v1/andon", "the texts are bad");
    long before = published();
    await("the end of the update", run, () -> status().path("update").asLong() == before + 1);

    JsonNode status = status();
    assertThat(status.path("phase").asText()).isEqualTo("STOPPED");
    assertThat(status.path("stop").path("reason").asText()).isEqualTo("the texts are bad");
    assertThat(status.path("stop").path("by").asText()).startsWith("page labeler lb_");
    assertThat(status.path("stop").path("since").asText()).isNotEmpty();
    assertThat(status.path("stop").path("goOn").asText()).startsWith(url + "/console");
    assertThatThrownBy(() -> run.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
    assertThat(published()).isEqualTo(before);
    assertThat(terminal.toString()).contains("STOPPED by page labeler lb_");

    post("/v1/andon:clear", "they are good");
    assertThat(run.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).complete()).isTrue();
    assertThat(terminal.toString()).contains("The run goes on");
    assertThat(JournalReader.of(theRun()).learned())
        .as("each version was made once, the one that was held back too")
        .hasSize(UPDATES)
        .allSatisfy(version -> assertThat(version.digests()).hasSize(1));
  }

  @Test
  @Tag("slow")
  void aRunThatIsStoppedWhenItEndsIsBegunAgainByAnOperatorAlone() throws Exception {
    Job.Result ended = start(2, "run.time-limit=1h").get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Path run = ended.directory();
    try (RunLabels labels = RunLabels.open(run, InstantSource.system())) {
      labels.store().stopRun(new Labeler("acme", "jo"), "the texts are bad");
    }
    Ran refused = Ran.plaudit(directory, "run", "--resume", run.toString(), "policy.updates=4");
    assertThat(refused.code()).as(refused.err()).isEqualTo(2);
    assertThat(refused.err().lines().reduce((before, last) -> last).orElseThrow())
        .startsWith("plaudit: the run: stopped by acme/jo at 20")
        .endsWith(": the texts are bad (expected: no stop, or --despite-stop to let it go on)");
    assertThat(run.resolve("ended")).as("no standby takes it over").exists();
    try (RunLabels labels = RunLabels.open(run, InstantSource.system())) {
      assertThat(labels.store().stop()).as("the stop stands").isPresent();
    }

    Ran wentOn =
        Ran.plaudit(
            directory,
            "run",
            "--resume",
            run.toString(),
            "--despite-stop",
            "--json",
            "policy.updates=4");
    assertThat(wentOn.code()).as(wentOn.err()).isZero();
    assertThat(new ObjectMapper().readTree(wentOn.out()).path("complete").asBoolean()).isTrue();
    try (RunLabels labels = RunLabels.open(run, InstantSource.system())) {
      assertThat(labels.store().stop()).isEmpty();
    }
  }

  private Future<Job.Result> start(int updates, String... more) throws Exception {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.add("telemetry.port=0");
    settings.addAll(List.of(more));
    Job job = new Job(RunConfig.load("quickstart", settings), out());
    Future<Job.Result> run = threads.submit(job::start);
    await("the gateway", run, () -> URL.matcher(terminal.toString()).find());
    Matcher address = URL.matcher(terminal.toString());
    assertThat(address.find()).isTrue();
    url = address.group(1);
    cookie = get("/").headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    return run;
  }

  private PrintWriter out() {
    return new PrintWriter(terminal, true);
  }

  /** The newest version that the registry took. */
  private long published() throws IOException {
    return JournalReader.of(theRun()).learned().stream()
        .filter(version -> !version.digests().isEmpty())
        .mapToLong(Learned::version)
        .max()
        .orElse(0);
  }

  private Path theRun() throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }

  private JsonNode status() throws Exception {
    return json(get("/v1/run/status")).path("run");
  }

  private void post(String path, String reason) throws Exception {
    String labeler = json(get("/v1/session")).path("labelerId").asText();
    String body =
        new ObjectMapper().writeValueAsString(Map.of("labelerId", labeler, "reason", reason));
    HttpResponse<String> answer =
        http.send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path)).header("X-Plaudit-Page", "1");
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return new ObjectMapper().readTree(answer.body());
  }

  /** Waits for a condition, or for the end of the run, which it must not reach before. */
  private static void await(String what, Future<?> run, Callable<Boolean> condition)
      throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      try {
        run.get(20, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        continue;
      }
      assertThat(condition.call()).as(what).isTrue();
    }
  }
}
