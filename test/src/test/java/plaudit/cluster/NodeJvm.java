package plaudit.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import plaudit.endtoend.TinyModel;

/** A {@code plaudit} verb in a JVM of its own, watched through its {@code /status} and meters. */
public final class NodeJvm implements AutoCloseable {

  /** Where a process runs, and how it is reached from here. */
  public interface Host {

    /** This machine, as it is. */
    Host HERE =
        new Host() {
          @Override
          public List<String> run(List<String> command) {
            return command;
          }

          @Override
          public Optional<String> get(String url) {
            return NodeJvm.get(url, "Accept", "*/*");
          }
        };

    /** What to start for {@code command} to run there. */
    List<String> run(List<String> command);

    /** What is at {@code url} there; empty if there is no good answer. */
    Optional<String> get(String url);
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private static final long LOOK_MILLIS = 50;
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 22_000;

  /** Another JVM's tests begin elsewhere. */
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

  private final String name;
  private final Process process;
  private final Path log;
  private final int telemetry;
  private final Host host;

  private NodeJvm(Host host, String name, Process process, Path log, int telemetry) {
    this.host = host;
    this.name = name;
    this.process = process;
    this.log = log;
    this.telemetry = telemetry;
  }

  /** Starts {@code plaudit node --roles ... --config quickstart settings...}. */
  public static NodeJvm node(Path directory, String name, String roles, List<String> settings)
      throws IOException {
    return node(Host.HERE, directory, name, roles, settings);
  }

  /** The same on another host. */
  public static NodeJvm node(
      Host host, Path directory, String name, String roles, List<String> settings)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("node", "--roles", roles, "--config", "quickstart"));
    arguments.addAll(settings);
    return start(host, directory, name, arguments);
  }

  /** Starts any verb; a node gets a free port for its meters. */
  public static NodeJvm start(Path directory, String name, List<String> arguments)
      throws IOException {
    return start(Host.HERE, directory, name, arguments);
  }

  /** The same on another host. */
  public static NodeJvm start(Host host, Path directory, String name, List<String> arguments)
      throws IOException {
    return start(host, directory, name, List.of(), arguments);
  }

  /** The same with further options of the JVM. */
  public static NodeJvm start(
      Host host, Path directory, String name, List<String> options, List<String> arguments)
      throws IOException {
    int telemetry = freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Dplaudit.home=" + TinyModel.ROOT));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "plaudit.cli.Main"));
    command.addAll(arguments);
    if (arguments.get(0).equals("node")) {
      command.add("telemetry.port=" + telemetry);
      command.add("log.directory=\"" + directory.resolve("logs") + "\"");
    }
    Path log = directory.resolve(name + ".log");
    Process process =
        new ProcessBuilder(host.run(command))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    return new NodeJvm(host, name, process, log, telemetry);
  }

  /**
   * Starts any command line.
   *
   * @param telemetry the port at which it answers for itself
   */
  public static NodeJvm command(
      Path directory,
      String name,
      List<String> command,
      Map<String, String> environment,
      int telemetry)
      throws IOException {
    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return new NodeJvm(Host.HERE, name, builder.start(), log, telemetry);
  }

  /**
   * A port that nobody has, and that nobody gets by chance before it is used: it lies below those
   * from which the system takes the near ends of connections.
   */
  public static int freePort() {
    for (int tried = 0; tried < PORTS; tried++) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: the next one.
      }
    }
    throw new IllegalStateException("no free port from " + FIRST_PORT + " on");
  }

  /** What the node knows of its cluster; empty while it does not answer. */
  public Optional<JsonNode> status() {
    return get("/status")
        .map(
            text -> {
              try {
                return JSON.readTree(text);
              } catch (IOException e) {
                throw new IllegalStateException(text, e);
              }
            });
  }

  /** What is at a path of its telemetry, whatever the status; empty while it does not answer. */
  public Optional<HttpResponse<String>> page(String path) {
    return send("http://127.0.0.1:" + telemetry + path, "Accept", "*/*");
  }

  /** What a part of it does now, as {@code /status} words it; empty if that is not known. */
  public String doing(String part) {
    return status().map(status -> status.path("doing").path(part).asText("")).orElse("");
  }

  /** Where other nodes reach it; empty if it does not answer. */
  public String address() {
    return status().map(status -> status.path("node").asText("")).orElse("");
  }

  /** Whether a member of this address can be reached, in this node's eyes. */
  public boolean reaches(String address) {
    return status().stream()
        .flatMap(status -> StreamSupport.stream(status.path("members").spliterator(), false))
        .anyMatch(
            member ->
                member.path("node").asText("").equals(address)
                    && member.path("reachable").asBoolean());
  }

  /** Members that are up in this node's eyes. */
  public long up() {
    return status().stream()
        .flatMap(status -> status.findValuesAsText("status").stream())
        .filter("Up"::equals)
        .count();
  }

  /** A meter's value, 0 if it is not there. */
  public double meter(String meter) {
    return get("/metrics").stream()
        .flatMap(String::lines)
        .filter(line -> line.startsWith(meter + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(meter.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** Waits for {@code condition}, watching that the process lives; answers how long it took. */
  public Duration await(String what, Duration atMost, BooleanSupplier condition)
      throws InterruptedException {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      Duration passed = Duration.ofNanos(System.nanoTime() - start);
      if (passed.compareTo(atMost) > 0 || !process.isAlive()) {
        throw new AssertionError(
            "%s: not within %s (%s is %s)%n%s"
                .formatted(what, passed, name, process.isAlive() ? "alive" : "dead", output()));
      }
      process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Waits for the end; answers the exit code. */
  public int exit(Duration atMost) throws InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("%s: no end within %s%n%s".formatted(name, atMost, output()));
    }
    return process.exitValue();
  }

  /** {@code kill -9}: nothing runs any more, nobody is told. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Sends a signal, such as {@code STOP}. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** {@code SIGTERM}. */
  public void terminate() {
    process.destroy();
  }

  /** Whether it runs. */
  public boolean alive() {
    return process.isAlive();
  }

  /** What it printed. */
  public String output() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private Optional<String> get(String path) {
    return host.get("http://127.0.0.1:" + telemetry + path);
  }

  /** What is at {@code url}; empty if there is no answer, or not a good one. */
  public static Optional<String> get(String url, String header, String value) {
    return send(url, header, value)
        .filter(response -> response.statusCode() == 200)
        .map(HttpResponse::body);
  }

  private static Optional<HttpResponse<String>> send(String url, String header, String value) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(5))
            .header(header, value)
            .build();
    try {
      return Optional.of(HTTP.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
