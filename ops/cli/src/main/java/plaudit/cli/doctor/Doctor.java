package plaudit.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** Looks at this machine; the rules are in {@link Limits}. */
public final class Doctor {

  private final Path directory;
  private final int gatewayPort;
  private final Callable<String> engine;

  /**
   * A doctor.
   *
   * @param directory where runs would be written
   * @param gatewayPort the port people and vendors would use
   * @param engine loads the tensor engine and describes it; may throw whatever it likes
   */
  public Doctor(Path directory, int gatewayPort, Callable<String> engine) {
    this.directory = directory.toAbsolutePath().normalize();
    this.gatewayPort = gatewayPort;
    this.engine = engine;
  }

  /** Everything, in the order a person would look. */
  public List<Finding> examine() {
    return List.of(
        Limits.java(Runtime.version().feature(), System.getProperty("java.version", "unknown")),
        Limits.heap(Runtime.getRuntime().maxMemory()),
        memory(),
        Limits.cores(Runtime.getRuntime().availableProcessors()),
        disk(),
        writeAccess("runs", directory),
        writeAccess("temporary files", Path.of(System.getProperty("java.io.tmpdir", "/tmp"))),
        engine(),
        port());
  }

  private static Finding memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Limits.memory(system.getTotalMemorySize())
        : Finding.warn("memory", "unknown (this Java does not tell)");
  }

  private Finding disk() {
    try {
      return Limits.disk(directory.toString(), Files.getFileStore(directory).getUsableSpace());
    } catch (IOException e) {
      return Finding.fail("disk", "cannot tell for " + directory + ": " + e.getMessage());
    }
  }

  private static Finding writeAccess(String what, Path where) {
    try {
      Files.delete(Files.createTempFile(where, ".plaudit-doctor", ""));
      return Finding.ok(what, where + " is writable");
    } catch (IOException e) {
      return Finding.fail(what, where + " (expected: a writable directory; " + e + ")");
    }
  }

  private Finding engine() {
    try {
      return Finding.ok("engine", engine.call());
    } catch (Exception | LinkageError e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      return Finding.fail("engine", "the native library does not load: " + root);
    }
  }

  private Finding port() {
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), gatewayPort);
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
      return Finding.ok("port " + gatewayPort, "free");
    } catch (IOException e) {
      return Finding.fail(
          "port " + gatewayPort,
          "in use (expected: free, for the labeling page; plaudit.gateway.port sets another)");
    }
  }
}
