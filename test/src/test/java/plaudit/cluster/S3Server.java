package plaudit.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An S3-compatible store in a process of its own, s3proxy, which checks signatures. */
final class S3Server implements AutoCloseable {

  static final String KEY = "plaudit";
  static final String SECRET = "a-secret-for-tests";

  /** The slow profile copies it there. */
  private static final Path JAR =
      Path.of(System.getProperty("plaudit.s3proxy", "target/s3proxy/s3proxy.jar"));

  private final Process process;
  final String endpoint;

  private S3Server(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  static boolean isThere() {
    return Files.isRegularFile(JAR);
  }

  /**
   * Starts it.
   *
   * @param data whose directories are buckets
   */
  static S3Server start(Path data, int port) throws IOException, InterruptedException {
    String endpoint = "http://127.0.0.1:" + port;
    Path settings = data.resolveSibling("s3proxy.conf");
    Files.write(
        settings,
        List.of(
            "s3proxy.endpoint=" + endpoint,
            "s3proxy.authorization=aws-v2-or-v4",
            "s3proxy.identity=" + KEY,
            "s3proxy.credential=" + SECRET,
            "jclouds.provider=filesystem-nio2",
            "jclouds.filesystem.basedir=" + data));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx512m",
                "-DLOG_LEVEL=warn",
                "-jar",
                JAR.toAbsolutePath().toString(),
                "--properties",
                settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(data.resolveSibling("s3proxy.log").toFile())
            .start();
    S3Server server = new S3Server(process, endpoint);
    long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!answers(port)) {
      if (System.nanoTime() > until || process.waitFor(100, TimeUnit.MILLISECONDS)) {
        server.close();
        throw new IOException(Files.readString(data.resolveSibling("s3proxy.log")));
      }
    }
    return server;
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
