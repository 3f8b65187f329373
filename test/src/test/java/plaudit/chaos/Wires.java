package plaudit.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import plaudit.cluster.NodeJvm;

/**
 * Two hosts of this test's own: network namespaces, each with one wire to a switch in a third. A
 * wire can be cut and mended at the switch, so that a host keeps its own address meanwhile. Needs
 * root and {@code ip}; removes everything when closed.
 */
final class Wires implements AutoCloseable {

  /** The hosts. */
  enum End {
    LEFT("10.83.0.1"),
    RIGHT("10.83.0.2");

    final String address;

    End(String address) {
      this.address = address;
    }

    private String wire() {
      return "to-" + name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final String prefix = "plaudit-" + ProcessHandle.current().pid();
  private final List<String> made = new ArrayList<>();

  private Wires() {}

  /** Lays the wires; empty, with the reason on standard error, where that is not possible. */
  static Optional<Wires> lay() throws InterruptedException {
    Wires wires = new Wires();
    try {
      wires.build();
      return Optional.of(wires);
    } catch (IOException e) {
      wires.close();
      System.err.println("no network namespaces here: " + e.getMessage());
      return Optional.empty();
    }
  }

  private void build() throws IOException, InterruptedException {
    String middle = space("switch");
    ip("-n", middle, "link", "add", "bridge", "type", "bridge");
    ip("-n", middle, "link", "set", "bridge", "up");
    for (End end : End.values()) {
      String host = space(end.name());
      ip("-n", host, "link", "add", "eth0", "type", "veth", "peer", end.wire(), "netns", middle);
      ip("-n", middle, "link", "set", end.wire(), "master", "bridge", "up");
      ip("-n", host, "addr", "add", end.address + "/24", "dev", "eth0");
      ip("-n", host, "link", "set", "eth0", "up");
      ip("-n", host, "link", "set", "lo", "up");
    }
  }

  /** Where to start processes; their pages are read from inside. */
  NodeJvm.Host host(End end) {
    String space = prefix + "-" + end.name();
    return new NodeJvm.Host() {
      @Override
      public List<String> run(List<String> command) {
        List<String> inside = new ArrayList<>(List.of("ip", "netns", "exec", space));
        inside.addAll(command);
        return inside;
      }

      @Override
      public Optional<String> get(String url) {
        try {
          return Optional.of(
              output(run(List.of("curl", "--silent", "--fail", "--max-time", "5", url))));
        } catch (IOException e) {
          return Optional.empty();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return Optional.empty();
        }
      }
    };
  }

  /** Nothing gets to {@code end} or away from it any more. */
  void cut(End end) throws IOException, InterruptedException {
    ip("-n", prefix + "-switch", "link", "set", end.wire(), "down");
  }

  /** The wire carries again. */
  void mend(End end) throws IOException, InterruptedException {
    ip("-n", prefix + "-switch", "link", "set", end.wire(), "up");
  }

  @Override
  public void close() throws InterruptedException {
    for (String space : made) {
      try {
        ip("netns", "delete", space);
      } catch (IOException e) {
        System.err.println("namespace " + space + " is left behind: " + e.getMessage());
      }
    }
  }

  private String space(String name) throws IOException, InterruptedException {
    String space = prefix + "-" + name;
    ip("netns", "add", space);
    made.add(space);
    return space;
  }

  private static void ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    output(command);
  }

  private static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": " + output.strip());
    }
    return output;
  }
}
