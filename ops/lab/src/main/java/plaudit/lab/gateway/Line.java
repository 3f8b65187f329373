package plaudit.lab.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/1.1 that is kept alive, for one thread: cheap enough to load a gateway
 * from the same machine, and able to send bytes that a decent client would not.
 */
final class Line implements AutoCloseable {

  private final URI gateway;
  private final Duration patience;
  private @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();

  /** A line to {@code gateway}; it is opened by the first request. */
  Line(URI gateway, Duration patience) {
    this.gateway = gateway;
    this.patience = patience;
  }

  /** An answer; names of headers are in lower case. */
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Sends JSON as a vendor; {@code key} is the Idempotency-Key, if there is one. */
  Answer post(String path, String json, String vendor, @Nullable String key) throws IOException {
    return postWithKey(path, json, GatewayProcess.key(vendor), key);
  }

  /** The same with the vendor's key itself. */
  Answer postWithKey(String path, String json, String secret, @Nullable String key)
      throws IOException {
    StringBuilder headers =
        new StringBuilder("Authorization: Bearer ")
            .append(secret)
            .append("\r\nContent-Type: application/json\r\n");
    if (key != null) {
      headers.append("Idempotency-Key: ").append(key).append("\r\n");
    }
    return exchange("POST", path, headers.toString(), json.getBytes(StandardCharsets.UTF_8));
  }

  /** Reads as a vendor. */
  Answer get(String path, String vendor) throws IOException {
    return exchange(
        "GET", path, "Authorization: Bearer " + GatewayProcess.key(vendor) + "\r\n", new byte[0]);
  }

  /**
   * One request and its answer. After a failure the next request has a new connection.
   *
   * @param headers lines that end with CR LF
   */
  Answer exchange(String method, String path, String headers, byte[] body) throws IOException {
    try {
      Socket open = opened();
      String head =
          method + " " + path + " HTTP/1.1\r\nHost: " + gateway.getAuthority() + "\r\n" + headers;
      ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + body.length + 64);
      request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
      if (body.length > 0 || method.equals("POST")) {
        request.writeBytes(
            ("Content-Length: " + body.length + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      }
      request.writeBytes(new byte[] {'\r', '\n'});
      request.writeBytes(body);
      request.writeTo(open.getOutputStream());
      Answer answer = read();
      if ("close".equalsIgnoreCase(answer.headers.get("connection"))) {
        close();
      }
      return answer;
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private Socket opened() throws IOException {
    Socket open = socket;
    if (open == null) {
      open = new Socket();
      socket = open;
      open.setTcpNoDelay(true);
      open.setSoTimeout((int) patience.toMillis());
      open.connect(
          new InetSocketAddress(gateway.getHost(), gateway.getPort()), (int) patience.toMillis());
      in = new BufferedInputStream(open.getInputStream());
    }
    return open;
  }

  private Answer read() throws IOException {
    String first = line();
    if (!first.matches("HTTP/1\\.[01] [0-9]{3}.*")) {
      throw new IOException("no HTTP: " + first);
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int status = Integer.parseInt(first.substring(9, 12));
    return new Answer(status, headers, body(status, headers));
  }

  private byte[] body(int status, Map<String, String> headers) throws IOException {
    if (status == 204 || status == 304) {
      return new byte[0];
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      while (true) {
        int size = Integer.parseInt(line().replaceFirst(";.*", ""), 16);
        all.writeBytes(exactly(size));
        line();
        if (size == 0) {
          return all.toByteArray();
        }
      }
    }
    String length = headers.get("content-length");
    return length == null ? in.readAllBytes() : exactly(Integer.parseInt(length));
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the answer ends early");
    }
    return bytes;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        return; // it is of no use any more in any case
      }
    }
  }
}
