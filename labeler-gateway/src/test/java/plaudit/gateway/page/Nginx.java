package plaudit.gateway.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real nginx on a free port, in front of a gateway under a sub-path. */
final class Nginx implements AutoCloseable {

  static final Path BINARY = Path.of("/usr/sbin/nginx");

  private final Process process;
  private final int port;

  static boolean installed() {
    return Files.isExecutable(BINARY);
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts it.
   *
   * @param directory an empty one for its files
   * @param gateway the port of the gateway
   * @param headers further lines of the location that passes requests on
   */
  Nginx(Path directory, int port, int gateway, String headers) {
    this.port = port;
    try {
      Path config = directory.resolve("nginx.conf");
      Files.writeString(
          config,
          """
          daemon off;
          master_process off;
          pid %1$s/nginx.pid;
          error_log %1$s/error.log;
          events {}
          http {
            access_log off;
            client_body_temp_path %1$s/body;
            proxy_temp_path %1$s/proxy;
            fastcgi_temp_path %1$s/fastcgi;
            uwsgi_temp_path %1$s/uwsgi;
            scgi_temp_path %1$s/scgi;
            server {
              listen 127.0.0.1:%2$d;
              location /plaudit/ {
                proxy_pass http://127.0.0.1:%3$d/;
                %4$s
              }
            }
          }
          """
              .formatted(directory.toAbsolutePath(), port, gateway, headers));
      process =
          new ProcessBuilder(BINARY.toString(), "-c", config.toAbsolutePath().toString())
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("out.log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Chromium.until("nginx listens", this::listens);
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
