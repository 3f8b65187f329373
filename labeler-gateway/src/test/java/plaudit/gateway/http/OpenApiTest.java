package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.json.Json;
import plaudit.gateway.store.Comparisons;

/** The document says what is served, and what is served is as the document says. */
class OpenApiTest {

  private static final Map<String, Class<?>> FORMS =
      Map.of(
          "LeaseRequest", Forms.LeaseForm.class,
          "HolderRequest", Forms.HolderForm.class,
          "JudgmentRequest", Forms.JudgmentForm.class,
          "AmendRequest", Forms.AmendForm.class,
          "BatchRequest", Forms.BatchForm.class,
          "SkipRequest", Forms.SkipForm.class,
          "FlagRequest", Forms.FlagForm.class,
          "AndonRequest", Forms.AndonForm.class,
          "InvitationRequest", PeopleApi.InvitationForm.class);

  private final Path directory;
  private TestGateway gateway;
  private JsonNode document;

  OpenApiTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void open() {
    gateway = new TestGateway(directory);
    document = gateway.get("/openapi.json").json();
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void everyRouteServedIsInItAndEveryRouteOfItIsServed() {
    HttpServer server =
        HttpServer.bind(
                gateway.system,
                GatewaySettings.from(ConfigFactory.load()).withPort(0),
                gateway.labels,
                RunView.none(),
                new GatewayMeters(new SimpleMeterRegistry()))
            .toCompletableFuture()
            .join();
    Set<String> served =
        server.endpoints().stream()
            .filter(endpoint -> !endpoint.template().startsWith("/assets/"))
            .map(endpoint -> endpoint.method() + " " + endpoint.template())
            .collect(Collectors.toCollection(TreeSet::new));
    server.drain(Duration.ofSeconds(1)).toCompletableFuture().join();
    Set<String> documented =
        Operation.all(document).stream()
            .map(operation -> operation.method() + " " + operation.path())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(served);
  }

  @Test
  void everyRouteAnswersWithAStatusThatItDocuments() {
    for (Operation operation : Operation.all(document)) {
      String path =
          operation.path().replace("{type}", "not-found").replaceAll("\\{[a-zA-Z]+}", "x");
      HttpRequest request =
          gateway
              .request(path)
              .method(operation.method(), HttpRequest.BodyPublishers.noBody())
              .build();
      TestGateway.Answer answer = gateway.send(request);
      boolean open = operation.node().path("security").isEmpty();
      assertThat(answer.status()).as(operation.path()).isEqualTo(open ? 200 : 401);
      assertThat(operation.node().path("responses").has(String.valueOf(answer.status()))).isTrue();
    }
  }

  @Test
  void everyProblemIsListedAndEveryRefusalIsAProblem() {
    assertThat(texts(document.at("/components/schemas/Problem/properties/type/enum")))
        .isEqualTo(Stream.of(Problem.Kind.values()).map(Problem.Kind::type).toList());
    for (Operation operation : Operation.all(document)) {
      operation
          .node()
          .path("responses")
          .properties()
          .forEach(
              response -> {
                if (Integer.parseInt(response.getKey()) >= 400) {
                  assertThat(response.getValue().path("content").has("application/problem+json"))
                      .as(operation.path())
                      .isTrue();
                  for (Problem.Kind kind : Problem.Kind.values()) {
                    boolean named =
                        Stream.of(response.getValue().path("description").asText().split("[ ,.]+"))
                            .anyMatch(kind.type()::equals);
                    assertThat(!named || String.valueOf(kind.status()).equals(response.getKey()))
                        .as(operation.path() + " " + kind)
                        .isTrue();
                  }
                }
              });
    }
  }

  @Test
  void everyExampleIsWhatItsSchemaSaysAndEveryRequestExampleCanBeSent() {
    int examples = 0;
    for (JsonNode media : document.findValues("application/json")) {
      if (media.has("example")) {
        assertThat(faults(media.path("schema"), media.path("example"), "")).isEmpty();
        String name = media.at("/schema/$ref").asText().replaceAll(".*/", "");
        Class<?> form = FORMS.get(name);
        if (form != null) {
          assertThat(Json.read(media.path("example").toString(), form)).isNotNull();
          examples++;
        }
      }
    }
    assertThat(examples).isEqualTo(FORMS.size() + 1);
  }

  /** Generators make one class of alternatives that no JSON fits, or none at all. */
  @Test
  void noRequestIsAChoiceBetweenSchemas() {
    assertThat(document.findParents("oneOf")).isEmpty();
    assertThat(document.findParents("anyOf")).isEmpty();
    assertThat(document.findParents("allOf")).isEmpty();
    for (String request : List.of("JudgmentRequest", "AmendRequest")) {
      JsonNode schema = document.at("/components/schemas/" + request);
      assertThat(fields(schema.path("properties"))).contains("choiceId", "verdict");
      assertThat(texts(schema.path("required"))).doesNotContain("choiceId", "verdict");
      assertThat(schema.path("description").asText()).contains("Exactly one of");
    }
  }

  /** They become the names of a generated client's methods. */
  @Test
  void everyOperationHasAnIdThatIsAVerbOfItsOwn() {
    assertThat(Operation.all(document))
        .extracting(operation -> operation.node().path("operationId").asText())
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[a-z]+([A-Z][a-z]+)*"))
        .contains("leaseTasks", "extendLease", "judge", "judgeBatch", "amendJudgment", "stopRun");
  }

  @Test
  void everyRequestSchemaHasTheFieldsOfItsForm() {
    FORMS.forEach(
        (name, form) ->
            assertThat(fields(document.at("/components/schemas/" + name + "/properties")))
                .isEqualTo(
                    Stream.of(form.getRecordComponents())
                        .map(component -> component.getName())
                        .collect(Collectors.toCollection(TreeSet::new))));
  }

  @Test
  void realAnswersAreWhatTheirSchemasSay() {
    gateway.labels.ask(Comparisons.some("c", 3));
    TestGateway.Answer leases = gateway.acme("/v1/leases", Map.of("labelerId", "lb", "max", 2));
    assertFits("Leases", leases.json());
    JsonNode lease = leases.json().at("/leases/0");
    Object judgment = TestGateway.judgment(lease, 0);
    assertFits("Judgment", gateway.acme("/v1/judgments", judgment, "Idempotency-Key", "k").json());
    assertFits(
        "BatchResults",
        gateway
            .acme("/v1/judgments:batch", Map.of("judgments", List.of(judgment, Map.of("a", 1))))
            .json());
    assertFits("Judgments", gateway.acme("/v1/judgments").json());
    assertFits(
        "LeaseExpiry",
        gateway
            .acme("/v1/leases/" + leases.json().at("/leases/1/leaseId").asText() + ":extend", "")
            .json());
    assertFits("VendorStats", gateway.acme("/v1/vendors/me/stats").json());
    assertFits("Guideline", gateway.acme("/v1/guideline").json());
    assertFits("Problem", gateway.acme("/v1/judgments/jd_none").json());
    assertFits("ProblemType", gateway.get("/problems/not-found").json());
    assertFits("Health", gateway.get("/readyz").json());
    String cookie = gateway.get("/").header("Set-Cookie");
    String[] session = {"Cookie", cookie.substring(0, cookie.indexOf(';'))};
    assertFits("Session", gateway.get("/v1/session", session).json());
    assertFits("History", gateway.get("/v1/session/judgments", session).json());
    assertFits("RunStatus", gateway.get("/v1/run/status", session).json());
    assertFits("RunMetrics", gateway.get("/v1/run/metrics?since=0", session).json());
    assertFits("RunSamples", gateway.get("/v1/run/samples", session).json());
    assertFits(
        "Invitation",
        gateway
            .post(
                "/v1/invitations",
                "{\"labelerId\":\"anna\"}",
                session[0],
                session[1],
                "X-Plaudit-Page",
                "1")
            .json());
    assertFits("Line", gateway.acme("/v1/andon", Map.of("labelerId", "lb")).json());
  }

  private void assertFits(String schema, JsonNode value) {
    assertThat(value).isNotEmpty();
    assertThat(faults(document.at("/components/schemas/" + schema), value, schema)).isEmpty();
  }

  /** As much of JSON Schema as the document uses. */
  private List<String> faults(JsonNode schema, JsonNode value, String at) {
    if (schema.has("$ref")) {
      return faults(document.at(schema.path("$ref").asText().substring(1)), value, at);
    }
    List<String> faults = new ArrayList<>();
    String type = schema.path("type").asText();
    boolean fits =
        switch (type) {
          case "object" -> value.isObject();
          case "array" -> value.isArray();
          case "string" -> value.isTextual();
          case "integer" -> value.isIntegralNumber();
          case "boolean" -> value.isBoolean();
          default -> false;
        };
    if (!fits) {
      faults.add(at + ": " + value + " (expected: " + type + ")");
    }
    if (schema.has("enum") && !texts(schema.path("enum")).contains(value.asText())) {
      faults.add(at + ": " + value + " (expected: one of " + schema.path("enum") + ")");
    }
    if (schema.has("pattern") && !value.asText().matches(schema.path("pattern").asText())) {
      faults.add(at + ": " + value + " (expected: " + schema.path("pattern") + ")");
    }
    for (String required : texts(schema.path("required"))) {
      if (!value.has(required)) {
        faults.add(at + "/" + required + " is missing");
      }
    }
    value
        .properties()
        .forEach(
            field -> {
              JsonNode property = schema.path("properties").path(field.getKey());
              if (!property.isMissingNode()) {
                faults.addAll(faults(property, field.getValue(), at + "/" + field.getKey()));
              } else if (schema.path("additionalProperties").isBoolean()) {
                faults.add(at + "/" + field.getKey() + " is not documented");
              }
            });
    if (value.isArray()) {
      value.forEach(item -> faults.addAll(faults(schema.path("items"), item, at + "/-")));
    }
    return faults;
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static Set<String> fields(JsonNode object) {
    Set<String> names = new TreeSet<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
