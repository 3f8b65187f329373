package plaudit.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import plaudit.cluster.NodeJvm;

/** A PostgreSQL server of a test's own, if the machine has the program. */
final class Postgres implements AutoCloseable {

  /** The user that owns everything; no password. */
  static final String USER = "plaudit";

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Process server;
  private final String url;

  private Postgres(Process server, String url) {
    this.server = server;
    this.url = url;
  }

  /** Starts one with its data below {@code directory}; empty where it cannot be done. */
  static Optional<Postgres> start(Path directory) throws IOException, InterruptedException {
    Optional<Path> programs =
        Stream.of("17", "16", "15", "14", "13")
            .map(version -> Path.of("/usr/lib/postgresql", version, "bin"))
            .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
            .findFirst();
    if (programs.isEmpty()) {
      return Optional.empty();
    }
    Path bin = programs.get();
    // The server refuses to run as root, so another user must get in.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path data = directory.resolve("data");
    String make = bin.resolve("initdb") + " -A trust -U " + USER + " -D " + data;
    if (process(make).waitFor() != 0) {
      return Optional.empty();
    }
    int port = NodeJvm.freePort();
    Process server =
        process(
            "exec %s -D %s -p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s"
                .formatted(bin.resolve("postgres"), data, port, directory));
    Postgres started = new Postgres(server, "jdbc:postgresql://127.0.0.1:" + port + "/postgres");
    started.awaitAnswer();
    return Optional.of(started);
  }

  /** For JDBC. */
  String url() {
    return url;
  }

  @Override
  public void close() throws InterruptedException {
    server.destroy();
    if (!server.waitFor(20, TimeUnit.SECONDS)) {
      server.descendants().forEach(ProcessHandle::destroyForcibly);
      server.destroyForcibly().waitFor();
    }
  }

  private void awaitAnswer() throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection connection = DriverManager.getConnection(url, USER, "")) {
        if (connection.isValid(5)) {
          return;
        }
      } catch (SQLException e) {
        if (System.nanoTime() > until || server.waitFor(50, TimeUnit.MILLISECONDS)) {
          throw new IllegalStateException("PostgreSQL did not come up", e);
        }
      }
    }
  }

  private static Process process(String command) throws IOException {
    boolean root = System.getProperty("user.name").equals("root");
    String other = "setpriv --reuid=postgres --regid=postgres --clear-groups sh -c";
    List<String> line =
        root
            ? Stream.concat(Stream.of(other.split(" ", -1)), Stream.of(command)).toList()
            : List.of("sh", "-c", command);
    return new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
