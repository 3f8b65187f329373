package plaudit.snapshots;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.input.UnavailableException;

/**
 * Serves the snapshot directory and its transfer files to the other nodes: whole files and ranges
 * of them, with the SHA-256 as entity tag. It has a port of its own, so that bulk data stays out of
 * the way of heartbeats. So many downloads at a time as it has threads; further ones wait for their
 * turn. A reader that takes nothing for a while is cut off and may resume.
 *
 * <p>The JDK's server: it was the fastest of those that were measured, and takes the least memory.
 * Anyone who reaches the port may read the weights, so it belongs in a closed network.
 */
public final class SnapshotServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotServer.class);
  private static final int BUFFER_BYTES = 1 << 16;
  private static final Duration STALLED = Duration.ofSeconds(30);

  /** Requests that wait for their turn in a thread; further ones wait in a queue. */
  private static final int WAITING = 64;

  /** How often one that waits looks whether another node has the file meanwhile. */
  private static final Duration LOOK = Duration.ofMillis(100);

  // Headers between downloads and servers of this program.

  /** In a request: the client's node has the file too, at this URL. */
  static final String HOLDS = "Plaudit-Holds";

  /** In a request: send it yourself, for this other node does not. */
  static final String NOT = "Plaudit-Not";

  /** In a request to a node that another one named: do not let me wait. */
  static final String HOP = "Plaudit-Hop";

  /** In a request: I read this coding, {@link #ZSTD}. In an answer: it is in it. */
  static final String CODING = "Plaudit-Coding";

  static final String ZSTD = "zstd";

  /** Name and digest of a version that the client has; in an answer, that it is coded by it. */
  static final String OLDER = "Plaudit-Older";

  /** Files that the server hands out by name. */
  interface FileSource {

    /**
     * The file of this name, if the source has it.
     *
     * @throws IOException if it cannot be made
     */
    Optional<Path> find(String name) throws IOException;

    /**
     * The digest of a whole file of this source.
     *
     * @throws IOException if it cannot be read
     */
    String sha256Of(Path file) throws IOException;
  }

  private final HttpServer server;
  private final ThreadPoolExecutor downloads;
  private final ScheduledThreadPoolExecutor watch;
  private final Duration stalled;
  private final URI url;
  private final int parallel;
  private final Semaphore slots;
  private final Holders holders = new Holders();
  private final LongAdder sent = new LongAdder();

  private SnapshotServer(HttpServer server, String reachedAs, int parallel, Duration stalled) {
    this.server = server;
    this.downloads =
        (ThreadPoolExecutor)
            Executors.newFixedThreadPool(
                parallel + WAITING, task -> daemon(task, "snapshot-download"));
    this.watch = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "snapshot-watch"));
    watch.setRemoveOnCancelPolicy(true);
    this.stalled = stalled;
    this.parallel = parallel;
    this.slots = new Semaphore(parallel, true);
    String host = reachedAs.contains(":") ? "[" + reachedAs + "]" : reachedAs;
    this.url = URI.create("http://" + host + ":" + server.getAddress().getPort() + "/");
  }

  /**
   * Takes a port; {@link #serve} begins to answer.
   *
   * @param host address to listen on
   * @param port 0 takes any free one
   * @param reachedAs the name by which other nodes reach this one
   * @param parallel downloads at a time
   * @throws plaudit.input.InvalidInputException if the port is in use or the host is not this one's
   */
  public static SnapshotServer bind(String host, int port, String reachedAs, int parallel) {
    return bind(host, port, reachedAs, parallel, STALLED);
  }

  /** The same with another patience for a reader that takes nothing. */
  static SnapshotServer bind(
      String host, int port, String reachedAs, int parallel, Duration stalled) {
    try {
      return new SnapshotServer(
          HttpServer.create(new InetSocketAddress(host, port), 0), reachedAs, parallel, stalled);
    } catch (IOException e) {
      throw UnavailableException.notBound("plaudit.snapshots", host, port, e);
    }
  }

  /** Where the files are, for {@link SnapshotFiles#servedAt}; ends with a slash. */
  public URI url() {
    return url;
  }

  /** Serves {@code files} from now on. */
  public void serve(SnapshotFiles files) {
    serve("/", files);
    serve("/" + SnapshotFiles.EXCHANGE + "/", files.transfers());
    server.setExecutor(downloads);
    server.start();
    LOG.info("Snapshots of [{}] at [{}]", files.directory(), url);
  }

  private void serve(String path, FileSource files) {
    server.createContext(
        path,
        exchange ->
            answer(exchange, files, exchange.getRequestURI().getPath().substring(path.length())));
  }

  /** Bytes of files that were sent so far. */
  public long sent() {
    return sent.sum();
  }

  /** Downloads in progress. */
  public int active() {
    return parallel - slots.availablePermits();
  }

  /** Other nodes that are known to serve a version. */
  int holders(Snapshot snapshot) {
    String path = snapshot.url().getPath();
    return holders.count(path.substring(path.lastIndexOf('/') + 1));
  }

  @Override
  public void close() {
    server.stop(0);
    downloads.shutdownNow();
    watch.shutdownNow();
  }

  private void answer(HttpExchange exchange, FileSource files, String name) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      Optional<Path> file = files.find(name);
      if (file.isEmpty()) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      // Open before the digest: a file that is pruned meanwhile is read to its end all the same.
      try (FileChannel channel = FileChannel.open(file.get())) {
        if (method.equals("HEAD")) {
          holder(exchange, HOLDS, name).ifPresent(holder -> holders.add(name, holder));
        } else {
          holder(exchange, NOT, name).ifPresent(holder -> holders.remove(name, holder));
          if (!turn(exchange, name)) {
            return;
          }
        }
        try {
          Optional<Path> older = older(exchange, files, channel.size());
          send(exchange, channel, '"' + files.sha256Of(file.get()) + '"', older);
        } finally {
          if (method.equals("GET")) {
            slots.release();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for a free slot, unless the client is told to get the file from elsewhere or later. */
  private boolean turn(HttpExchange exchange, String name)
      throws IOException, InterruptedException {
    Headers asked = exchange.getRequestHeaders();
    if (asked.containsKey(HOP)) {
      if (!slots.tryAcquire()) {
        exchange.sendResponseHeaders(503, -1);
        return false;
      }
      return true;
    }
    do {
      Optional<URI> holder = asked.containsKey(NOT) ? Optional.empty() : holders.next(name);
      if (holder.isPresent()) {
        exchange.getResponseHeaders().set("Location", holder.get().toString());
        exchange.sendResponseHeaders(307, -1);
        return false;
      }
    } while (!slots.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS));
    return true;
  }

  /** A URL of this file on another node. */
  private static Optional<URI> holder(HttpExchange exchange, String header, String name) {
    String url = exchange.getRequestHeaders().getFirst(header);
    return Optional.ofNullable(url)
        .filter(it -> it.matches("http://[^/\\s@?#]+/[a-z0-9.-]+") && it.endsWith("/" + name))
        .map(URI::create);
  }

  /** The version that the client has, if it is here too. */
  private static Optional<Path> older(HttpExchange exchange, FileSource files, long size)
      throws IOException {
    String older = exchange.getRequestHeaders().getFirst(OLDER);
    String[] parts = older == null ? new String[0] : older.split(" ", -1);
    Optional<Path> file = parts.length == 2 ? files.find(parts[0]) : Optional.empty();
    return file.isPresent()
            && Files.size(file.get()) == size
            && files.sha256Of(file.get()).equals(parts[1])
        ? file
        : Optional.empty();
  }

  private void send(HttpExchange exchange, FileChannel file, String tag, Optional<Path> older)
      throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    Headers asked = exchange.getRequestHeaders();
    Headers answer = exchange.getResponseHeaders();
    long size = file.size();
    answer.set("ETag", tag);
    answer.set("Accept-Ranges", "bytes");
    answer.set("Content-Type", "application/octet-stream");
    if (tag.equals(asked.getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
      return;
    }
    String condition = asked.getFirst("If-Range");
    String range = condition == null || condition.equals(tag) ? asked.getFirst("Range") : null;
    Optional<ByteRange> wanted =
        range == null ? Optional.of(ByteRange.whole(size)) : ByteRange.of(range, size);
    if (wanted.isEmpty()) {
      answer.set("Content-Range", "bytes */" + size);
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    ByteRange bytes = wanted.get();
    boolean part = bytes.length() < size;
    if (part) {
      answer.set("Content-Range", "bytes %d-%d/%d".formatted(bytes.from(), bytes.end() - 1, size));
    }
    if (head) {
      answer.set("Content-Length", Long.toString(bytes.length()));
    }
    if (!head && size > 0 && ZSTD.equals(asked.getFirst(CODING))) {
      sendCoded(exchange, file, bytes, part ? 206 : 200, older);
      return;
    }
    exchange.sendResponseHeaders(part ? 206 : 200, head || size == 0 ? -1 : bytes.length());
    if (!head) {
      copy(file, bytes, exchange);
    }
  }

  private void sendCoded(
      HttpExchange exchange, FileChannel file, ByteRange bytes, int status, Optional<Path> older)
      throws IOException {
    exchange.getResponseHeaders().set(CODING, ZSTD);
    Optional<FileChannel> against =
        older.isPresent() ? Optional.of(FileChannel.open(older.get())) : Optional.empty();
    try {
      against.ifPresent(channel -> exchange.getResponseHeaders().set(OLDER, "1"));
      exchange.sendResponseHeaders(status, 0);
      OutputStream out = exchange.getResponseBody();
      for (long at = bytes.from(); at < bytes.end(); at += WeightCoding.PIECE) {
        ScheduledFuture<?> cut =
            watch.schedule(exchange::close, stalled.toMillis(), TimeUnit.MILLISECONDS);
        long end = Math.min(bytes.end(), at + WeightCoding.PIECE);
        sent.add(WeightCoding.encode(file, against, at, end, out));
        cut.cancel(false);
      }
      out.close();
    } finally {
      if (against.isPresent()) {
        against.get().close();
      }
    }
  }

  private void copy(FileChannel file, ByteRange bytes, HttpExchange exchange) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    OutputStream out = exchange.getResponseBody();
    long at = bytes.from();
    while (at < bytes.end()) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, bytes.end() - at));
      int n = file.read(buffer, at);
      if (n < 0) {
        throw new IOException("the file ended at byte " + at);
      }
      ScheduledFuture<?> cut =
          watch.schedule(exchange::close, stalled.toMillis(), TimeUnit.MILLISECONDS);
      out.write(buffer.array(), 0, n);
      sent.add(n);
      cut.cancel(false);
      at += n;
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Which bytes of a file are wanted (RFC 9110, section 14).
   *
   * @param from first byte
   * @param end one past the last byte
   */
  record ByteRange(long from, long end) {

    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** The whole of a file. */
    static ByteRange whole(long size) {
      return new ByteRange(0, size);
    }

    long length() {
      return end - from;
    }

    /**
     * What a {@code Range} header asks of a file of {@code size} bytes. Several ranges at once, and
     * what is no range, may be answered with the whole file.
     *
     * @return empty when none of the bytes exists
     */
    static Optional<ByteRange> of(String header, long size) {
      Matcher one = ONE.matcher(header.strip());
      if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
        return Optional.of(whole(size));
      }
      long from;
      long end = size;
      if (one.group(1).isEmpty()) {
        from = Math.max(0, size - Long.parseLong(one.group(2)));
      } else {
        from = Long.parseLong(one.group(1));
        if (!one.group(2).isEmpty()) {
          long last = Long.parseLong(one.group(2));
          if (last < from) {
            return Optional.of(whole(size));
          }
          end = Math.min(size, last + 1);
        }
      }
      return from < end ? Optional.of(new ByteRange(from, end)) : Optional.empty();
    }
  }
}
