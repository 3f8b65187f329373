package plaudit.snapshots;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Brings a file over HTTP into a part file and goes on from there when the transfer breaks: at once
 * as long as each attempt brings something, and at the next call when one brought nothing.
 */
final class Download {

  /** An attempt that takes longer is broken off and, if it brought something, resumed. */
  private static final Duration ATTEMPT = Duration.ofMinutes(1);

  private final HttpClient client;
  private final LongAdder received = new LongAdder();

  Download() {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  /**
   * Fills {@code part} up to {@code bytes}, after what it already holds; with all of the file, if
   * the server knows no ranges.
   *
   * @throws SnapshotFileException.Unavailable when the server brings nothing more
   */
  void fill(Path part, URI url, long bytes) {
    try {
      long held = size(part);
      if (held > bytes) {
        Files.delete(part);
        held = 0;
      }
      while (held < bytes) {
        String answer = attempt(part, url, held, bytes);
        long now = size(part);
        received.add(Math.max(0, now - held));
        if (now <= held) {
          throw new SnapshotFileException.Unavailable(
              "%s: %s at byte %d (expected: %d bytes)".formatted(url, answer, held, bytes));
        }
        held = now;
      }
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(url, e), e);
    }
  }

  /** Bytes that came, since the beginning. */
  long received() {
    return received.sum();
  }

  private String attempt(Path part, URI url, long from, long end) {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(ATTEMPT)
            .header("Range", "bytes=%d-%d".formatted(from, end - 1))
            .GET()
            .build();
    CompletableFuture<HttpResponse<Path>> exchange =
        client.sendAsync(request, info -> body(info.statusCode(), part));
    try {
      HttpResponse<Path> response = exchange.get(ATTEMPT.toSeconds(), TimeUnit.SECONDS);
      return "status " + response.statusCode();
    } catch (ExecutionException e) {
      return String.valueOf(e.getCause());
    } catch (TimeoutException e) {
      exchange.cancel(true);
      return "nothing within " + ATTEMPT;
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      throw new SnapshotFileException.Unavailable(url + ": interrupted", e);
    }
  }

  /** 206 goes on, 200 starts again (the server knows no ranges), anything else brings nothing. */
  private static BodySubscriber<Path> body(int status, Path part) {
    return switch (status) {
      case 206 -> BodySubscribers.ofFile(part, CREATE, WRITE, APPEND);
      case 200 -> BodySubscribers.ofFile(part, CREATE, WRITE, TRUNCATE_EXISTING);
      default -> BodySubscribers.replacing(part);
    };
  }

  static long size(Path part) throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }
}
