package plaudit.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Looks at this machine: how much of each thing a run needs, and how much there is. */
final class Doctor {

  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private final Path directory;
  private final int gatewayPort;
  private final Callable<String> engine;

  /**
   * A doctor.
   *
   * @param directory where runs would be written
   * @param gatewayPort the port people and vendors would use
   * @param engine loads the tensor engine and describes it; may throw anything
   */
  Doctor(Path directory, int gatewayPort, Callable<String> engine) {
    this.directory = directory.toAbsolutePath().normalize();
    this.gatewayPort = gatewayPort;
    this.engine = engine;
  }

  /** Everything, in the order a person would look. */
  List<Finding> examine() {
    return List.of(
        java(Runtime.version().feature(), System.getProperty("java.version", "unknown")),
        heap(Runtime.getRuntime().maxMemory()),
        memory(),
        cores(Runtime.getRuntime().availableProcessors()),
        disk(),
        writeAccess("runs", directory),
        writeAccess("temporary files", Path.of(System.getProperty("java.io.tmpdir", "/tmp"))),
        engine(),
        port());
  }

  private static Finding memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? memory(system.getTotalMemorySize())
        : Finding.warn("memory", "unknown (this Java does not tell)");
  }

  private Finding disk() {
    try {
      return disk(directory.toString(), Files.getFileStore(directory).getUsableSpace());
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

  static Finding java(int feature, String version) {
    return feature >= 17
        ? Finding.ok("java", version)
        : Finding.fail("java", version + " (expected: 17 or newer)");
  }

  static Finding heap(long bytes) {
    String found = size(bytes) + " Java heap";
    if (bytes < 512 * MIB) {
      return Finding.fail("heap", found + " (expected: >= 512 MiB; PLAUDIT_HEAP=2g sets it)");
    }
    return bytes < 3 * GIB / 2
        ? Finding.warn("heap", found + " (better: 2 GiB; PLAUDIT_HEAP=2g sets it)")
        : Finding.ok("heap", found);
  }

  /** Weights, gradients and optimizer state live outside the heap. */
  static Finding memory(long bytes) {
    String found = size(bytes) + " in this machine";
    if (bytes < 2 * GIB) {
      return Finding.fail("memory", found + " (expected: >= 2 GiB)");
    }
    return bytes < 6 * GIB
        ? Finding.warn("memory", found + " (better: 6 GiB; models of 100M parameters want 8)")
        : Finding.ok("memory", found);
  }

  static Finding cores(int cores) {
    return cores < 2
        ? Finding.warn("cores", cores + " (better: 2, so that sampling and learning overlap)")
        : Finding.ok("cores", String.valueOf(cores));
  }

  static Finding disk(String where, long freeBytes) {
    String found = size(freeBytes) + " free at " + where;
    if (freeBytes < GIB) {
      return Finding.fail("disk", found + " (expected: >= 1 GiB)");
    }
    return freeBytes < 5 * GIB
        ? Finding.warn("disk", found + " (better: 5 GiB; checkpoints take some)")
        : Finding.ok("disk", found);
  }

  static String size(long bytes) {
    return bytes >= GIB
        ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
        : (bytes / MIB) + " MiB";
  }

  /**
   * What the doctor found about one thing.
   *
   * @param what was looked at, in a word or two
   * @param verdict whether it will do
   * @param detail what was found and, unless it is fine, what was expected
   */
  record Finding(String what, Verdict verdict, String detail) {

    /** From good to bad. */
    enum Verdict {
      /** As it should be. */
      OK,
      /** Plaudit works, only not well. */
      WARN,
      /** Something will not work. */
      FAIL
    }

    static Finding ok(String what, String detail) {
      return new Finding(what, Verdict.OK, detail);
    }

    static Finding warn(String what, String detail) {
      return new Finding(what, Verdict.WARN, detail);
    }

    static Finding fail(String what, String detail) {
      return new Finding(what, Verdict.FAIL, detail);
    }
  }
}
