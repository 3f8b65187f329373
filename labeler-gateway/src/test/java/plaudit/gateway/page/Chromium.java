package plaudit.gateway.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A headless browser, driven over the DevTools protocol. */
final class Chromium implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
  private final List<JsonNode> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger ids = new AtomicInteger();

  /** The browser of this machine, if it has one. */
  static Optional<Path> installed() {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  Chromium(Path binary, Path profile) {
    Path portFile = profile.resolve("DevToolsActivePort");
    try {
      Files.deleteIfExists(portFile); // an earlier browser of the profile left it
      process =
          new ProcessBuilder(
                  binary.toString(),
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--disable-dev-shm-usage",
                  "--remote-debugging-port=0",
                  "--user-data-dir=" + profile,
                  "about:blank")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      until("the browser is up", () -> Files.exists(portFile) && lines(portFile).size() == 2);
      List<String> lines = lines(portFile);
      socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), new Listener())
              .join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tab with the cookies and the storage of the browser's profile. */
  Tab tab() {
    return new Tab("");
  }

  /** A tab in a new browser context: no cookies, no storage; closing the tab deletes both. */
  Tab privateTab() {
    return new Tab(
        call("", "Target.createBrowserContext", Map.of()).path("browserContextId").asText());
  }

  /** Closes the browser as a person does: it writes its cookies down first. */
  void quit() {
    call("", "Browser.close", Map.of());
    process.onExit().join();
    socket.abort();
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }

  private JsonNode call(String session, String method, Map<String, ?> parameters) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    pending.put(id, answer);
    try {
      String message =
          session.isEmpty()
              ? JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters))
              : JSON.writeValueAsString(
                  Map.of("id", id, "method", method, "params", parameters, "sessionId", session));
      socket.sendText(message, true).join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    JsonNode node = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (node.has("error")) {
      throw new AssertionError(method + ": " + node.path("error"));
    }
    return node.path("result");
  }

  /** Something that becomes true while the page and the gateway go on. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits until a condition holds, on whichever side of the wire. */
  static void until(String what, Condition condition) {
    Instant end = Instant.now().plus(PATIENCE);
    try {
      while (!condition.holds()) {
        if (Instant.now().isAfter(end)) {
          throw new AssertionError("never: " + what);
        }
        LockSupport.parkNanos(20_000_000);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file, StandardCharsets.US_ASCII);
  }

  /** A page of the browser. */
  final class Tab implements AutoCloseable {

    private final String context;
    private final String target;
    private final String session;

    /**
     * Opens it.
     *
     * @param context whose cookies and storage it has; empty for the profile's
     */
    private Tab(String context) {
      this.context = context;
      Map<String, String> blank = Map.of("url", "about:blank");
      Map<String, String> own = Map.of("url", "about:blank", "browserContextId", context);
      target =
          Chromium.this
              .call("", "Target.createTarget", context.isEmpty() ? blank : own)
              .path("targetId")
              .asText();
      session =
          Chromium.this
              .call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
              .path("sessionId")
              .asText();
      call("Page.enable", Map.of());
      call("Runtime.enable", Map.of());
      call("Log.enable", Map.of());
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
      return Chromium.this.call(session, method, parameters);
    }

    /** Opens an address. */
    void open(URI address) {
      call("Page.navigate", Map.of("url", address.toString()));
      until("the page is loaded", () -> evaluate("document.readyState").equals("complete"));
    }

    /** Runs a script before those of every page that is opened from now on. */
    void beforeEachPage(String script) {
      call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
    }

    /** Moves the pointer within the page, as a person would. */
    void movePointer(int x, int y) {
      call("Input.dispatchMouseEvent", Map.of("type", "mouseMoved", "x", x, "y", y));
    }

    /** Forgets every cookie. */
    void clearCookies() {
      call("Network.clearBrowserCookies", Map.of());
    }

    /** Sets the window's size and colour scheme. */
    void look(int width, int height, String scheme) {
      call(
          "Emulation.setDeviceMetricsOverride",
          Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
      call(
          "Emulation.setEmulatedMedia",
          Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** The value of an expression as text. */
    String evaluate(String expression) {
      JsonNode answer =
          call(
              "Runtime.evaluate",
              Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
      if (answer.has("exceptionDetails")) {
        throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
      }
      return answer.path("result").path("value").asText();
    }

    /** Presses and releases a key, as a person would. */
    void press(String key) {
      String code = key.length() == 1 ? key : "";
      for (String type : List.of("keyDown", "keyUp")) {
        call(
            "Input.dispatchKeyEvent",
            type.equals("keyDown") && !code.isEmpty()
                ? Map.of("type", type, "key", key, "text", code)
                : Map.of("type", type, "key", key));
      }
    }

    /** Waits until an expression is true. */
    void await(String expression) {
      until(expression, () -> evaluate("Boolean(" + expression + ")").equals("true"));
    }

    /** Errors that the page wrote to its console or threw, and what the policy blocked. */
    List<String> complaints() {
      return events.stream()
          .filter(event -> event.path("sessionId").asText().equals(session))
          .filter(
              event ->
                  event.path("method").asText().equals("Runtime.exceptionThrown")
                      || event.at("/params/entry/level").asText().equals("error")
                      || event.at("/params/type").asText().equals("error"))
          .map(JsonNode::toString)
          .toList();
    }

    /** A picture of the window, or of the whole page. */
    void screenshot(Path file, boolean whole) {
      String data =
          call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", whole))
              .path("data")
              .asText();
      try {
        Files.write(file, Base64.getDecoder().decode(data));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      if (context.isEmpty()) {
        Chromium.this.call("", "Target.closeTarget", Map.of("targetId", target));
      } else {
        Chromium.this.call("", "Target.disposeBrowserContext", Map.of("browserContextId", context));
      }
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          received(JSON.readTree(text.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          text.setLength(0);
        }
      }
      webSocket.request(1);
      return CompletableFuture.completedFuture(data);
    }

    private void received(JsonNode message) {
      CompletableFuture<JsonNode> waiting = pending.remove(message.path("id").asInt(-1));
      if (waiting != null) {
        waiting.complete(message);
      } else {
        events.add(message);
      }
    }
  }
}
