package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.StoreSettings;

/** Whatever is sent in whichever field: no failure of the gateway, and no row by a refused call. */
class RequestFuzzTest {

  private static final int CALLS = 3000;

  private static final String[] TEXTS = {
    "",
    " ",
    "lb",
    "x".repeat(81),
    "x".repeat(2001),
    "\0",
    "a\0b",
    "\u0007",
    "\u001b[31m",
    "\u0085",
    "\ud800",
    "a\udc00b",
    "\ud83d\ude00",
    "\u202e",
    "\ufffe",
    "line\r\nbreak\ttab",
    "'; DROP TABLE x",
    "%00",
    "../..",
    "1",
    "null",
    "true",
    "2026-01-01T00:00:00Z",
    "+999999999-12-31T23:59:59Z",
    "-999999999-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z"
  };

  private static final String[] OTHERS = {
    "null",
    "true",
    "0",
    "-1",
    "1",
    "1.5",
    "1e400",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "1e-400",
    "[]",
    "{}",
    "[null]",
    "[[[[[[]]]]]]",
    "{\"a\":{\"b\":[1]}}"
  };

  private final Random random = new Random(20261130);
  private final TestGateway gateway;
  private final JsonNode document;
  private final String session;
  private JsonNode lease;

  RequestFuzzTest(@TempDir Path directory) {
    gateway = new TestGateway(directory);
    gateway.labels.ask(Comparisons.some("c", 400));
    document = gateway.get("/openapi.json").json();
    String cookie = gateway.get("/").header("Set-Cookie");
    session = cookie.substring(0, cookie.indexOf(';'));
    lease = gateway.lease();
  }

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  @Timeout(300)
  void noRandomValueInAnyFieldFailsTheGatewayAndARefusedCallStoresNothing() throws Exception {
    List<Operation> operations = Operation.all(document);
    StoreSettings store = gateway.labels.settings();
    int accepted = 0;
    int refused = 0;
    try (Connection connection =
        DriverManager.getConnection(store.url(), store.user(), store.password())) {
      for (int i = 0; i < CALLS; i++) {
        Operation operation = operations.get(random.nextInt(operations.size()));
        String path = path(operation);
        String body = body(operation.node());
        long before = rows(connection);
        TestGateway.Answer answer = gateway.send(request(operation, path, body));
        String call = "%s %s %s: %s".formatted(operation.method(), path, body, answer.raw().body());
        assertThat(answer.status()).as(call).isBetween(200, 499);
        if (answer.status() >= 400) {
          assertThat(answer.header("Content-Type")).as(call).contains("problem+json");
          assertThat(rows(connection)).as(call).isEqualTo(before);
          refused++;
        } else {
          accepted++;
          again(operation);
        }
      }
    }
    assertThat(accepted).isGreaterThan(CALLS / 20);
    assertThat(refused).isGreaterThan(CALLS / 5);
  }

  /** A stopped run gives no tasks, and a judged one takes no other judgment. */
  private void again(Operation operation) {
    if (operation.path().equals("/v1/andon")) {
      gateway.labels.resumeRun(new Labeler("operator", "operator"), "");
    }
    if (!operation.method().equals("GET")) {
      JsonNode next = gateway.lease();
      lease = next.isMissingNode() ? lease : next;
    }
  }

  private HttpRequest request(Operation operation, String path, String body) {
    boolean person = operation.node().path("security").toString().equals("[{\"session\":[]}]");
    HttpRequest.Builder request =
        person
            ? gateway.request(path, "Cookie", session, "X-Plaudit-Page", "1")
            : gateway.request(path, "Authorization", "Bearer " + TestGateway.ACME);
    if (random.nextInt(10) > 0) {
      request.header(
          "Idempotency-Key", pick("k" + random.nextInt(1000), "\u00ff", "x".repeat(256)));
    }
    return operation.method().equals("GET")
        ? request.build()
        : request
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
  }

  private String path(Operation operation) {
    String path =
        operation
            .path()
            .replace("{leaseId}", pick(lease.path("leaseId").asText(), "x", "%00"))
            .replace("{taskId}", pick(lease.at("/task/taskId").asText(), "x", "%00"))
            .replaceAll("\\{[a-zA-Z]+}", pick("x", "jd_none", "%ED%A0%80"));
    StringBuilder query = new StringBuilder();
    for (JsonNode parameter : operation.node().path("parameters")) {
      if (parameter.path("in").asText().equals("query") && random.nextBoolean()) {
        String value = random.nextBoolean() ? text() : pick("1", "-1", "99999999999");
        query
            .append(query.isEmpty() ? '?' : '&')
            .append(parameter.path("name").asText())
            .append('=')
            .append(
                random.nextInt(5) == 0
                    ? pick("%00", "%ff", "%ED%A0%80", "%C0%80")
                    : URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    }
    return path + query;
  }

  private String body(JsonNode operation) {
    JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
    return random.nextInt(20) == 0 ? any() : value(schema, "");
  }

  /** A value as documented, or any other. */
  private String value(JsonNode schema, String name) {
    if (schema.has("$ref")) {
      return value(document.at(schema.path("$ref").asText().substring(1)), name);
    }
    if (!name.isEmpty() && random.nextInt(12) == 0) {
      return any();
    }
    if (schema.has("enum")) {
      return quoted(schema.path("enum").path(random.nextInt(schema.path("enum").size())).asText());
    }
    return switch (schema.path("type").asText()) {
      case "object" -> object(schema);
      case "array" -> "[%s,%s]".formatted(value(schema.path("items"), "item"), any());
      case "string" -> quoted(known(name));
      case "integer" -> name.equals("epoch") ? lease.path("epoch").asText() : "1";
      case "boolean" -> "true";
      default -> "{}";
    };
  }

  private String object(JsonNode schema) {
    List<String> fields = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
      String name = property.getKey();
      boolean left = name.equals("waitSeconds") || name.equals("verdict") || random.nextInt(6) == 0;
      if (!left) {
        fields.add(quoted(name) + ":" + value(property.getValue(), name));
      }
    }
    if (random.nextInt(30) == 0) {
      fields.add("\"more\":" + any());
    }
    return "{" + String.join(",", fields) + "}";
  }

  private String known(String name) {
    return switch (name) {
      case "leaseId" -> lease.path("leaseId").asText();
      case "labelerId" -> "lb";
      case "choiceId" -> lease.at("/task/choices/0/choiceId").asText();
      case "decidedTime" -> "2026-01-01T00:00:00Z";
      default -> "a name";
    };
  }

  private String any() {
    return random.nextBoolean() ? quoted(text()) : OTHERS[random.nextInt(OTHERS.length)];
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private String pick(String usual, String... others) {
    return random.nextInt(4) > 0 ? usual : others[random.nextInt(others.length)];
  }

  /** As ASCII, so that halves of surrogate pairs arrive as such. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      quoted.append(
          c < ' ' || c > '~' || c == '"' || c == '\\'
              ? "\\u%04x".formatted((int) c)
              : String.valueOf(c));
    }
    return quoted.append('"').toString();
  }

  private static long rows(Connection connection) throws SQLException {
    long rows = 0;
    List<String> tables = new ArrayList<>();
    try (ResultSet found =
        connection
            .getMetaData()
            .getTables(null, null, null, new String[] {"TABLE", "BASE TABLE"})) {
      while (found.next()) {
        String schema = found.getString("TABLE_SCHEM");
        if (schema == null || !schema.equals("INFORMATION_SCHEMA")) {
          tables.add(found.getString("TABLE_NAME"));
        }
      }
    }
    assertThat(tables).isNotEmpty();
    try (Statement statement = connection.createStatement()) {
      for (String table : tables) {
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM \"" + table + "\"")) {
          count.next();
          rows += count.getLong(1);
        }
      }
    }
    return rows;
  }
}
