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
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Downloads a file over HTTP into a part file and resumes when the transfer breaks: at once as long
 * as each attempt brings bytes, and at the next call after an attempt that brought none.
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
   * @return the file's SHA-256, if all of it came in this call; what was held before is not read
   * @throws SnapshotFileException.Unavailable when the server brings nothing more
   */
  Optional<String> fill(Path part, URI url, long bytes) {
    try {
      long held = size(part);
      if (held > bytes) {
        Files.delete(part);
        held = 0;
      }
      Attempt last = new Attempt(held == 0 ? Optional.of(Digests.sha256()) : Optional.empty(), "");
      while (held < bytes) {
        last = attempt(part, url, held, bytes, last.digest());
        long now = size(part);
        received.add(Math.max(0, now - held));
        if (now <= held) {
          throw new SnapshotFileException.Unavailable(
              "%s: %s at byte %d (expected: %d bytes)".formatted(url, last.answer(), held, bytes));
        }
        held = now;
      }
      return last.digest().map(Digests::hex);
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(url, e), e);
    }
  }

  /** Bytes that came, since the beginning. */
  long received() {
    return received.sum();
  }

  /**
   * What an attempt came to.
   *
   * @param digest of all that the part file holds now; empty if that was not all seen
   * @param answer for people
   */
  private record Attempt(Optional<MessageDigest> digest, String answer) {}

  private Attempt attempt(
      Path part, URI url, long from, long end, Optional<MessageDigest> digestOfHeld)
      throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(ATTEMPT)
            .header("Range", "bytes=%d-%d".formatted(from, end - 1))
            .GET()
            .build();
    AtomicReference<HashedBody> hashed = new AtomicReference<>();
    CompletableFuture<HttpResponse<Path>> exchange =
        client.sendAsync(
            request, info -> body(info.statusCode(), part, from, digestOfHeld, hashed::set));
    String answer = answer(exchange, url);
    long held = size(part);
    return new Attempt(
        Optional.ofNullable(hashed.get())
            .filter(body -> body.bytes() == held)
            .map(HashedBody::digest),
        answer);
  }

  private static String answer(CompletableFuture<HttpResponse<Path>> exchange, URI url) {
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
  private static BodySubscriber<Path> body(
      int status,
      Path part,
      long from,
      Optional<MessageDigest> digestOfHeld,
      Consumer<HashedBody> hashed) {
    BodySubscriber<Path> body =
        switch (status) {
          case 206 -> BodySubscribers.ofFile(part, CREATE, WRITE, APPEND);
          case 200 -> BodySubscribers.ofFile(part, CREATE, WRITE, TRUNCATE_EXISTING);
          default -> BodySubscribers.replacing(part);
        };
    Optional<HashedBody> seen =
        switch (status) {
          case 206 -> digestOfHeld.map(held -> new HashedBody(body, held, from));
          case 200 -> Optional.of(new HashedBody(body, Digests.sha256(), 0));
          default -> Optional.empty();
        };
    seen.ifPresent(hashed);
    return seen.<BodySubscriber<Path>>map(all -> all).orElse(body);
  }

  static long size(Path part) throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  /** Hashes what comes on its way to a file, so that the file need not be read for that. */
  private static final class HashedBody implements BodySubscriber<Path> {

    private final BodySubscriber<Path> file;
    private final MessageDigest digest;
    private long bytes;

    /**
     * A body that is part of a file.
     *
     * @param digest of the file's bytes before it, which is changed
     * @param before how many these are
     */
    HashedBody(BodySubscriber<Path> file, MessageDigest digest, long before) {
      this.file = file;
      this.digest = digest;
      this.bytes = before;
    }

    /** Bytes of the file that {@link #digest} has seen. */
    synchronized long bytes() {
      return bytes;
    }

    /** The digest of the file up to here. */
    MessageDigest digest() {
      return digest;
    }

    @Override
    public synchronized void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        bytes += buffer.remaining();
        digest.update(buffer.duplicate());
      }
      file.onNext(buffers);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      file.onSubscribe(subscription);
    }

    @Override
    public void onError(Throwable failure) {
      file.onError(failure);
    }

    @Override
    public void onComplete() {
      file.onComplete();
    }

    @Override
    public CompletionStage<Path> getBody() {
      return file.getBody();
    }
  }
}
