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
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.Sha256;

/**
 * Downloads a file over HTTP into a part file and resumes when the transfer breaks: at once as long
 * as each attempt brings bytes, and at the next call after an attempt that brought none.
 */
final class Download {

  /** An attempt that takes longer is broken off and, if it brought something, resumed. */
  private static final Duration ATTEMPT = Duration.ofMinutes(1);

  private static final String BUSY = "status 503";
  private static final Duration BUSY_WAIT = Duration.ofMillis(500);
  private static final int MOST_HOPS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(Download.class);

  private final HttpClient client;
  private final LongAdder received = new LongAdder();

  /**
   * Where a file is.
   *
   * @param name for messages: {@code where} may have a signature in it
   * @param where asked anew for each attempt
   * @param coding in which the bytes may travel
   */
  record Source(URI name, Where where, Compression coding) {

    @FunctionalInterface
    interface Where {
      URI get() throws IOException;
    }

    static Source at(URI url) {
      return new Source(url, () -> url, Compression.NONE);
    }
  }

  /**
   * Whether bytes may travel in {@link WeightCoding}.
   *
   * @param older a file that the server may know, which is as long, and its name and digest
   */
  record Compression(boolean on, Optional<Path> older, String digest) {

    static final Compression NONE = new Compression(false, Optional.empty(), "");

    Coding open() throws IOException {
      Optional<FileChannel> channel =
          older.isPresent() ? Optional.of(FileChannel.open(older.get())) : Optional.empty();
      return new Coding(this, channel);
    }
  }

  /** A coding that can be asked for, with the older file open. */
  private record Coding(Compression wanted, Optional<FileChannel> older) implements AutoCloseable {

    void askIn(HttpRequest.Builder request) {
      if (wanted.on()) {
        request.header(SnapshotServer.CODING, SnapshotServer.ZSTD);
        wanted
            .older()
            .ifPresent(
                file ->
                    request.header(
                        SnapshotServer.OLDER, file.getFileName() + " " + wanted.digest()));
      }
    }

    BodySubscriber<Path> decoding(
        HttpResponse.ResponseInfo info, long from, BodySubscriber<Path> body) {
      if (info.headers().firstValue(SnapshotServer.CODING).isEmpty()) {
        return body;
      }
      boolean known = info.headers().firstValue(SnapshotServer.OLDER).isPresent();
      return new DecodedBody(body, known ? older : Optional.empty(), from);
    }

    @Override
    public void close() throws IOException {
      if (older.isPresent()) {
        older.get().close();
      }
    }
  }

  Download() {
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER) // a peer's answer is not the server's
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  /**
   * Fills {@code part} up to {@code bytes}, after what it already holds; with all of the file, if
   * the server knows no ranges. A server may name another one that has the file too; if that one
   * brings nothing, or {@code not} is it, the first is asked to send the bytes itself.
   *
   * @throws SnapshotFileException.Unavailable when the server brings nothing more
   */
  Filled fill(Path part, Source source, long bytes, Optional<URI> not) {
    URI url = source.name();
    try {
      long held = size(part);
      if (held > bytes) {
        Files.delete(part);
        held = 0;
      }
      Optional<URI> avoided = not;
      Attempt last =
          new Attempt(
              held == 0 ? Optional.of(Sha256.digest()) : Optional.empty(), "", Optional.empty());
      long patience = System.nanoTime() + ATTEMPT.toNanos();
      while (held < bytes) {
        last = attempt(part, source, held, bytes, last.digest(), avoided);
        long now = size(part);
        if (now > held) {
          held = now;
          patience = System.nanoTime() + ATTEMPT.toNanos();
        } else if (last.answer().equals(BUSY) && System.nanoTime() < patience) {
          LockSupport.parkNanos(BUSY_WAIT.toNanos());
        } else if (last.peer().isPresent() && avoided.isEmpty()) {
          avoided = last.peer();
        } else {
          throw new SnapshotFileException.Unavailable(
              "%s: %s at byte %d (expected: %d bytes)".formatted(url, last.answer(), held, bytes));
        }
      }
      return new Filled(last.digest().map(Sha256::hex), last.peer());
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(url, e), e);
    }
  }

  /** The same, from whichever server. */
  Filled fill(Path part, Source source, long bytes) {
    return fill(part, source, bytes, Optional.empty());
  }

  /**
   * A file that is there now.
   *
   * @param sha256 of the file, if all of it came in this call; what was held before is not read
   * @param peer the other server that sent the last of it
   */
  record Filled(Optional<String> sha256, Optional<URI> peer) {}

  /** Tells the server of {@code url} that {@code here} has the file too. Need not be heard. */
  void announce(URI url, URI here) {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(BUSY_WAIT.multipliedBy(10))
            .header(SnapshotServer.HOLDS, here.toString())
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    CompletableFuture<?> ignored =
        client
            .sendAsync(request, HttpResponse.BodyHandlers.discarding())
            .whenComplete((response, failure) -> LOG.debug("[{}] announced: [{}]", here, response));
  }

  /** Bytes that came, since the beginning, as they travelled. */
  long received() {
    return received.sum();
  }

  /**
   * What an attempt came to.
   *
   * @param digest of all that the part file holds now; empty if that was not all seen
   * @param answer for people
   * @param peer the other server that was asked
   */
  private record Attempt(Optional<MessageDigest> digest, String answer, Optional<URI> peer) {}

  private Attempt attempt(
      Path part,
      Source source,
      long from,
      long end,
      Optional<MessageDigest> digestOfHeld,
      Optional<URI> avoided)
      throws IOException {
    URI url = source.where().get();
    Optional<URI> peer = Optional.empty();
    AtomicReference<HashedBody> hashed = new AtomicReference<>();
    try (Coding coding = source.coding().open()) {
      for (int hops = 0; ; hops++) {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(url)
                .timeout(ATTEMPT)
                .header("Range", "bytes=%d-%d".formatted(from, end - 1));
        coding.askIn(request);
        avoided.ifPresent(it -> request.header(SnapshotServer.NOT, it.toString()));
        peer.ifPresent(it -> request.header(SnapshotServer.HOP, "1"));
        CompletableFuture<HttpResponse<Path>> exchange =
            client.sendAsync(
                request.GET().build(),
                info ->
                    new Counted(
                        coding.decoding(
                            info,
                            from,
                            body(info.statusCode(), part, from, digestOfHeld, hashed::set)),
                        received));
        Answer answer = answer(exchange);
        if (answer.elsewhere().isPresent() && hops < MOST_HOPS) {
          url = url.resolve(answer.elsewhere().get());
          peer = Optional.of(url);
          continue;
        }
        long held = size(part);
        return new Attempt(
            Optional.ofNullable(hashed.get())
                .filter(body -> body.bytes() == held)
                .map(HashedBody::digest),
            answer.words(),
            peer);
      }
    }
  }

  /**
   * What a server answered.
   *
   * @param words for people
   * @param elsewhere where else it says that the file is
   */
  private record Answer(String words, Optional<URI> elsewhere) {
    static Answer of(String words) {
      return new Answer(words, Optional.empty());
    }
  }

  private static Answer answer(CompletableFuture<HttpResponse<Path>> exchange) {
    try {
      HttpResponse<Path> response = exchange.get(ATTEMPT.toSeconds(), TimeUnit.SECONDS);
      int status = response.statusCode();
      return new Answer(
          "status " + status,
          status / 100 == 3
              ? response.headers().firstValue("Location").map(URI::create)
              : Optional.empty());
    } catch (ExecutionException e) {
      return Answer.of(String.valueOf(e.getCause()));
    } catch (TimeoutException e) {
      exchange.cancel(true);
      return Answer.of("nothing within " + ATTEMPT);
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      throw new SnapshotFileException.Unavailable("interrupted", e);
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
          case 200 -> Optional.of(new HashedBody(body, Sha256.digest(), 0));
          default -> Optional.empty();
        };
    seen.ifPresent(hashed);
    return seen.<BodySubscriber<Path>>map(all -> all).orElse(body);
  }

  static long size(Path part) throws IOException {
    return Files.exists(part) ? Files.size(part) : 0;
  }

  /** Gives on to {@code next} what comes. */
  private abstract static class Passing implements BodySubscriber<Path> {

    final BodySubscriber<Path> next;

    Passing(BodySubscriber<Path> next) {
      this.next = next;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      next.onSubscribe(subscription);
    }

    @Override
    public void onError(Throwable failure) {
      next.onError(failure);
    }

    @Override
    public void onComplete() {
      next.onComplete();
    }

    @Override
    public CompletionStage<Path> getBody() {
      return next.getBody();
    }
  }

  /** Hashes what comes on its way to a file, so that the file need not be read for that. */
  private static final class HashedBody extends Passing {

    private final MessageDigest digest;
    private long bytes;

    /**
     * A body that is part of a file.
     *
     * @param digest of the file's bytes before it, which is changed
     * @param before how many these are
     */
    HashedBody(BodySubscriber<Path> file, MessageDigest digest, long before) {
      super(file);
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
      next.onNext(buffers);
    }
  }

  /** Counts what comes. */
  private static final class Counted extends Passing {

    private final LongAdder bytes;

    Counted(BodySubscriber<Path> body, LongAdder bytes) {
      super(body);
      this.bytes = bytes;
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      buffers.forEach(buffer -> bytes.add(buffer.remaining()));
      next.onNext(buffers);
    }
  }

  /** Decodes what comes; a broken piece at the end is not given on. */
  private static final class DecodedBody extends Passing {

    private final List<ByteBuffer> pieces = new ArrayList<>();
    private final WeightCoding.Decoder decoder;
    private Flow.@Nullable Subscription subscription;

    DecodedBody(BodySubscriber<Path> body, Optional<FileChannel> older, long from) {
      super(body);
      this.decoder = new WeightCoding.Decoder(older, from, pieces::add);
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
      super.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      Flow.Subscription source = Objects.requireNonNull(subscription);
      try {
        for (ByteBuffer buffer : buffers) {
          decoder.take(buffer);
        }
      } catch (IOException e) {
        source.cancel();
        next.onError(e);
        return;
      }
      if (pieces.isEmpty()) {
        source.request(1);
      } else {
        List<ByteBuffer> whole = List.copyOf(pieces);
        pieces.clear();
        next.onNext(whole);
      }
    }
  }
}
