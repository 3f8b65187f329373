package plaudit.lab.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;

/**
 * Requests drawn from the served document, most of them spoilt, sent to a real gateway by a vendor
 * and by a person at the page. No answer may be a 5xx, a refusal is a problem in JSON and leaves no
 * row in the store, and the store has as many rows as were acknowledged.
 */
public final class FuzzBench {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String VENDOR = "acme";
  private static final int LOOK_AT_ROWS = 1_000;
  private static final int MOST_FAULTS = 10;
  private static final int KEPT = 60;
  private static final int LONGEST_SHOWN = 600;

  /**
   * Of all calls, the share at the end in which the run may be stopped: no lease comes after it.
   */
  private static final double WITH_STOPS = 0.02;

  /** Texts that programs trip over. */
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "\u0007\u001b[31m",
          "\u0085",
          "\ud800",
          "a\udc00b",
          "\ufffe",
          "line\r\nbreak\ttab",
          "null",
          "%00",
          "\udfff\ud800",
          "\u202e\u200b\ufeff",
          "\u0000".repeat(100),
          "'; DROP TABLE judgment; --",
          "%s%n\\u0000",
          "-1",
          "9223372036854775808",
          "+1000000000-12-31T23:59:59Z",
          "-999999999-01-01T00:00:00Z",
          "0000-00-00T00:00:00Z",
          "1969-12-31T23:59:59.999999999Z",
          "2026-02-30T25:61:61Z",
          "../../etc/passwd",
          "\uD83D\uDE00".repeat(41),
          "x".repeat(81),
          "x".repeat(2_001));

  /** Percent-encoded bytes that are no text. */
  private static final List<String> BYTES = List.of("%00", "%ff", "%ED%A0%80", "%C0%80");

  /** Numbers that a type cannot hold. */
  private static final List<JsonNode> NUMBERS =
      Stream.of("1.5", "2147483648", "-2147483649", "9223372036854775808", "1e400", "1e-400")
          .<JsonNode>map(number -> NODES.numberNode(new BigDecimal(number)))
          .toList();

  /**
   * How far the store is. Rows that the gateway adds by itself are left out: new comparisons, and
   * tasks whose time is over.
   */
  private static final String ROWS =
      """
      SELECT (SELECT COUNT(*) FROM label_event
          WHERE id > %d AND kind NOT IN ('ASKED', 'EXPIRED', 'OFFERED_AGAIN')),
        (SELECT COALESCE(MAX(rowid), 0) FROM judgment),
        (SELECT COALESCE(MAX(rowid), 0) FROM lease),
        (SELECT COALESCE(MAX(rowid), 0) FROM labeler),
        (SELECT COALESCE(MAX(rowid), 0) FROM idempotency_key),
        (SELECT COALESCE(MAX(id), 0) FROM label_event)""";

  private static final int TABLES = 4;

  private final int calls;
  private final long seed;
  private final Path directory;
  private final SplittableRandom random;
  private final List<Operation> operations = new ArrayList<>();
  private final List<JsonNode> leases = new ArrayList<>();
  private final List<String> judgments = new ArrayList<>();
  private final Map<Integer, Long> statuses = new TreeMap<>();
  private final List<String> faults = new ArrayList<>();
  private JsonNode document = NODES.objectNode();
  private String session = "";
  private long lastEvent;
  private long recorded;
  private long keyed;
  private long granted;
  private boolean stopped;

  private record Operation(String method, String path, JsonNode node) {
    boolean stops() {
      return path.startsWith("/v1/andon");
    }

    boolean labels() {
      return node.path("tags").toString().contains("Labels");
    }

    /** Whether a person may, and no vendor. */
    boolean personal() {
      String security = node.path("security").toString();
      return security.contains("session") && !security.contains("vendorKey");
    }
  }

  private record Call(Operation operation, String path, String headers, byte[] body) {
    @Override
    public String toString() {
      String text = new String(body, StandardCharsets.UTF_8);
      String all = operation.method + " " + path + "\n" + headers + "\n" + text;
      return all.substring(0, Math.min(LONGEST_SHOWN, all.length()));
    }
  }

  /**
   * What came of it.
   *
   * @param calls that were sent
   * @param statuses how often each HTTP status was answered; 0 stands for no answer
   * @param judgments rows that the calls were told of
   * @param faults what must not be, with the call
   */
  public record Result(
      int calls, Map<Integer, Long> statuses, long judgments, List<String> faults) {}

  /** {@code calls} in all, drawn by {@code seed}; the store and logs lie in {@code directory}. */
  public FuzzBench(int calls, long seed, Path directory) {
    if (calls < 1) {
      throw InvalidInputException.of("--calls", calls, ">= 1");
    }
    this.calls = calls;
    this.seed = seed;
    this.directory = directory;
    this.random = new SplittableRandom(seed);
  }

  /**
   * Sends all calls, one after another; {@code progress} hears how many. Ends early at ten faults.
   */
  public Result run(LongConsumer progress) throws IOException, InterruptedException {
    Map<String, Object> settings = GatewayProcess.settings(GatewayProcess.fileUrl(directory));
    settings.put("plaudit.gateway.limits.wrong-keys", 1_000_000);
    settings.put("plaudit.gateway.store.flags", 1_000_000);
    StoreSettings store = GatewayProcess.store(settings);
    int sent = 0;
    try (GatewayProcess gateway = GatewayProcess.start(directory, "fuzz" + seed, 200, settings);
        Line line = new Line(gateway.url(), PATIENCE);
        Connection rows = DriverManager.getConnection(store.url() + "?open_mode=1")) {
      session =
          line.get("/", VENDOR).headers().getOrDefault("set-cookie", "").replaceFirst(";.*", "");
      document = JSON.readTree(line.get("/openapi.json", VENDOR).body());
      document
          .path("paths")
          .properties()
          .forEach(
              path ->
                  path.getValue()
                      .properties()
                      .forEach(
                          operation ->
                              operations.add(
                                  new Operation(
                                      operation.getKey().toUpperCase(java.util.Locale.ROOT),
                                      path.getKey(),
                                      operation.getValue()))));
      while (sent < calls && faults.size() < MOST_FAULTS) {
        one(line, rows, sent >= calls * (1 - WITH_STOPS));
        sent++;
        if (sent % LOOK_AT_ROWS == 0 || sent == calls) {
          lookAtRows(rows);
          progress.accept(sent);
        }
      }
    } catch (SQLException e) {
      throw new IOException("the store cannot be read: " + e.getMessage(), e);
    }
    return new Result(sent, statuses, recorded, List.copyOf(faults));
  }

  private void one(Line line, Connection store, boolean stops) throws SQLException {
    Call call = call(stops);
    List<Long> before = rows(store);
    Line.Answer answer;
    try {
      answer = line.exchange(call.operation.method, call.path, call.headers, call.body);
    } catch (IOException e) {
      statuses.merge(0, 1L, Long::sum);
      try {
        line.get("/healthz", VENDOR);
      } catch (IOException dead) {
        faults.add("the gateway answers no more (" + dead + ") after " + call);
      }
      return;
    }
    statuses.merge(answer.status(), 1L, Long::sum);
    boolean halted = stopped && answer.status() == 503 && answer.text().contains("stopped");
    if (answer.status() >= 500 && !halted) {
      faults.add(answer.status() + " " + answer.text() + " after " + call);
    }
    if (answer.status() / 100 == 2) {
      served(call, answer);
    } else if (answer.status() / 100 == 4) {
      refused(call, answer, before, rows(store));
    }
  }

  private void refused(Call call, Line.Answer answer, List<Long> before, List<Long> after) {
    if (!answer.headers().getOrDefault("content-type", "").contains("problem+json")) {
      faults.add(answer.status() + " without a problem after " + call);
    }
    boolean same = before.subList(1, 1 + TABLES).equals(after.subList(1, 1 + TABLES));
    if (!same || after.get(0) > 0) {
      faults.add(answer.status() + " and rows in the store after " + call);
    }
  }

  /** New events since the last time, the newest row of each table, and the newest event. */
  private List<Long> rows(Connection store) throws SQLException {
    try (Statement statement = store.createStatement();
        ResultSet row = statement.executeQuery(ROWS.formatted(lastEvent))) {
      row.next();
      List<Long> rows = new ArrayList<>();
      for (int i = 1; i <= 2 + TABLES; i++) {
        rows.add(row.getLong(i));
      }
      lastEvent = row.getLong(2 + TABLES);
      return rows;
    }
  }

  /** Keeps the books of what the gateway says that it has stored. */
  private void served(Call call, Line.Answer answer) {
    JsonNode said;
    try {
      said = answer.body().length == 0 ? NODES.objectNode() : JSON.readTree(answer.body());
    } catch (IOException e) {
      return; // a page
    }
    boolean fresh = answer.status() == 201 || answer.status() == 202;
    switch (call.operation.path) {
      case "/v1/leases" -> {
        for (JsonNode lease : said.path("leases")) {
          granted++;
          keep(leases, lease);
        }
      }
      case "/v1/judgments", "/v1/judgments/{judgmentId}:amend" -> {
        if (call.operation.method.equals("POST") && fresh) {
          recorded++;
          keyed++;
          keep(judgments, said.path("judgmentId").asText());
        }
      }
      case "/v1/judgments:batch" -> {
        for (JsonNode result : said.path("results")) {
          int status = result.path("status").asInt();
          if (status == 201 || status == 202) {
            recorded++;
            keep(judgments, result.at("/judgment/judgmentId").asText());
          }
        }
      }
      case "/v1/andon" -> stopped = true;
      default -> {}
    }
  }

  private <T> void keep(List<T> some, T one) {
    if (some.size() < KEPT) {
      some.add(one);
    } else {
      some.set(random.nextInt(KEPT), one);
    }
  }

  /** Rows of refused calls: there are more than the gateway told of. */
  private void lookAtRows(Connection store) throws SQLException {
    try (Statement statement = store.createStatement()) {
      expect(statement, "judgment", "judgment", recorded);
      expect(statement, "idempotency key", "idempotency_key", keyed);
      expect(statement, "lease", "lease", granted);
      expect(
          statement,
          "event of a judgment",
          "label_event WHERE kind IN ('JUDGED', 'AMENDED')",
          recorded);
    }
  }

  private void expect(Statement statement, String what, String rows, long told)
      throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM " + rows)) {
      row.next();
      if (row.getLong(1) != told) {
        faults.add(
            "%s: %d rows (expected: %d, as acknowledged)".formatted(what, row.getLong(1), told));
      }
    }
  }

  private Call call(boolean stops) {
    Operation operation;
    boolean labels = random.nextInt(5) > 0;
    do {
      operation = operations.get(random.nextInt(operations.size()));
    } while (operation.stops() ? !stops : labels && !operation.labels());
    JsonNode lease =
        leases.isEmpty() ? NODES.objectNode() : leases.get(random.nextInt(leases.size()));
    byte[] body = new byte[0];
    JsonNode schema = operation.node.at("/requestBody/content/application~1json/schema");
    if (!schema.isMissingNode()) {
      JsonNode value = value(schema, "", lease);
      for (int i = random.nextInt(4) - 1; i > 0; i--) {
        value = spoilt(value);
      }
      body = bytes(value.toString());
    }
    return new Call(operation, path(operation, lease), headers(operation), body);
  }

  private byte[] bytes(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(25)) {
      case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> {
        for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        yield bytes;
      }
      case 2 -> ("[".repeat(1 + random.nextInt(3_000)) + json).getBytes(StandardCharsets.UTF_8);
      case 3 -> (json + json).getBytes(StandardCharsets.UTF_8);
      case 4 -> json.getBytes(StandardCharsets.UTF_16LE);
      // As escapes: what UTF-8 cannot say.
      case 5 -> json.replace("labeler", "\\ud800").getBytes(StandardCharsets.UTF_8);
      case 6 ->
          json.replaceFirst("\\{", "{\"labelerId\":\"twice\",").getBytes(StandardCharsets.UTF_8);
      default -> bytes;
    };
  }

  /** A value that fits its schema, with ids that the gateway knows. */
  private JsonNode value(JsonNode schema, String name, JsonNode lease) {
    if (schema.has("$ref")) {
      return value(document.at(schema.path("$ref").asText().substring(1)), name, lease);
    }
    if (schema.has("enum")) {
      JsonNode all = schema.path("enum");
      return all.path(random.nextInt(all.size()));
    }
    return switch (schema.path("type").asText()) {
      case "object" -> object(schema, lease);
      case "array" -> {
        ArrayNode items = NODES.arrayNode();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
          JsonNode other = leases.isEmpty() ? lease : leases.get(random.nextInt(leases.size()));
          items.add(value(schema.path("items"), "", other));
        }
        yield items;
      }
      case "integer" ->
          name.equals("epoch")
              ? NODES.numberNode(lease.path("epoch").asInt(1))
              : NODES.numberNode(
                  schema.path("minimum").asInt(0)
                      + random.nextInt(Math.min(5, schema.path("maximum").asInt(5)) + 1));
      case "boolean" -> NODES.booleanNode(random.nextBoolean());
      default -> NODES.textNode(text(schema, name, lease));
    };
  }

  private JsonNode object(JsonNode schema, JsonNode lease) {
    ObjectNode object = NODES.objectNode();
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(one -> required.add(one.asText()));
    boolean answers =
        schema.at("/properties/choiceId").isObject() && schema.at("/properties/verdict").isObject();
    String left = answers ? (random.nextInt(4) == 0 ? "choiceId" : "verdict") : "";
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              String name = property.getKey();
              boolean answer = answers && (name.equals("choiceId") || name.equals("verdict"));
              if (answer ? !name.equals(left) : required.contains(name) || random.nextBoolean()) {
                object.set(name, value(property.getValue(), name, lease));
              }
            });
    return object;
  }

  private String text(JsonNode schema, String name, JsonNode lease) {
    return switch (name) {
      case "leaseId" -> lease.path("leaseId").asText("ls_none");
      case "labelerId" -> "labeler-" + random.nextInt(3);
      case "choiceId" -> {
        JsonNode choices = lease.at("/task/choices");
        yield choices.isEmpty()
            ? "ch_none"
            : choices.path(random.nextInt(choices.size())).path("choiceId").asText();
      }
      case "decidedTime" ->
          "2026-0%d-1%dT0%d:00:00.%dZ"
              .formatted(
                  1 + random.nextInt(9),
                  random.nextInt(10),
                  random.nextInt(10),
                  random.nextInt(1000));
      default ->
          "some words "
              .repeat(1 + random.nextInt(3))
              .substring(0, Math.min(10, schema.path("maxLength").asInt(10)));
    };
  }

  /** One thing wrong with it, somewhere. */
  private JsonNode spoilt(JsonNode value) {
    if (value.isObject() && !value.isEmpty()) {
      ObjectNode object = value.deepCopy();
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(6)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(strange(), strangeValue());
        case 2 -> object.set(name, spoilt(object.get(name)));
        default ->
            object.set(name, random.nextBoolean() ? strangeValue() : spoilt(object.get(name)));
      }
      return object;
    }
    if (value.isArray() && !value.isEmpty() && random.nextInt(4) > 0) {
      ArrayNode array = value.deepCopy();
      int at = random.nextInt(array.size());
      if (random.nextInt(10) == 0) {
        JsonNode one = array.get(at);
        for (int i = 0; i < 501; i++) {
          array.add(one);
        }
      } else {
        array.set(at, spoilt(array.get(at)));
      }
      return array;
    }
    return strangeValue();
  }

  private JsonNode strangeValue() {
    return switch (random.nextInt(10)) {
      case 9 -> NUMBERS.get(random.nextInt(NUMBERS.size()));
      case 0 -> NODES.nullNode();
      case 1 -> NODES.numberNode(random.nextLong());
      case 2 -> NODES.numberNode(-1 - random.nextInt(3));
      case 3 -> NODES.numberNode(1e300 * random.nextDouble());
      case 4 -> NODES.booleanNode(random.nextBoolean());
      case 5 -> NODES.arrayNode().add(NODES.nullNode());
      case 6 -> NODES.objectNode().put(strange(), 1);
      default -> NODES.textNode(strange());
    };
  }

  private String strange() {
    return TEXTS.get(random.nextInt(TEXTS.size()));
  }

  private String path(Operation operation, JsonNode lease) {
    Map<String, String> known = new LinkedHashMap<>();
    known.put("leaseId", lease.path("leaseId").asText("ls_none"));
    known.put("taskId", lease.at("/task/taskId").asText("tk_none"));
    known.put(
        "judgmentId",
        judgments.isEmpty() ? "jd_none" : judgments.get(random.nextInt(judgments.size())));
    known.put("type", "not-found");
    StringBuilder path = new StringBuilder();
    for (String part : operation.path.split("(?=\\{)|(?<=})", -1)) {
      boolean named = part.startsWith("{");
      String value = named ? known.getOrDefault(part.substring(1, part.length() - 1), "x") : part;
      path.append(named && random.nextInt(6) == 0 ? strangeEscaped() : value);
    }
    String separator = "?";
    for (JsonNode parameter : operation.node.path("parameters")) {
      if (parameter.path("in").asText().equals("query") && random.nextBoolean()) {
        String value =
            random.nextInt(3) == 0
                ? strangeEscaped()
                : escaped(
                    value(parameter.path("schema"), parameter.path("name").asText(), lease)
                        .asText());
        path.append(separator).append(parameter.path("name").asText()).append('=').append(value);
        separator = "&";
      }
    }
    return random.nextInt(200) == 0 ? path + "?%zz=%" : path.toString();
  }

  private String strangeEscaped() {
    return random.nextInt(4) == 0 ? BYTES.get(random.nextInt(BYTES.size())) : escaped(strange());
  }

  private static String escaped(String text) {
    return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String headers(Operation operation) {
    StringBuilder headers = new StringBuilder();
    String key =
        random.nextInt(50) == 0 ? "nobodys-key-of-24-characters" : GatewayProcess.key(VENDOR);
    if (operation.personal() && random.nextInt(10) > 0) {
      headers.append("Cookie: ").append(session).append("\r\nX-Plaudit-Page: 1\r\n");
    } else if (random.nextInt(50) > 0) {
      headers.append("Authorization: Bearer ").append(key).append("\r\n");
    }
    if (operation.method.equals("POST")) {
      String type = random.nextInt(50) == 0 ? "text/plain; charset=\"" : "application/json";
      headers.append("Content-Type: ").append(type).append("\r\n");
    }
    String name =
        switch (random.nextInt(30)) {
          case 0 -> "";
          case 1 -> "k".repeat(256);
          case 2 -> "\"\"";
          case 3 -> "caf\u00e9 \u00ff\u0001";
          case 4 -> "key-" + random.nextInt(5); // used before, with another body
          default -> "key-" + Long.toHexString(random.nextLong());
        };
    return headers.append("Idempotency-Key: ").append(name).append("\r\n").toString();
  }
}
