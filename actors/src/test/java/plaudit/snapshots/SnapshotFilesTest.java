package plaudit.snapshots;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

class SnapshotFilesTest {

  private static final byte[] WEIGHTS = weights(100_000);

  private final Path temp;

  private final List<HttpServer> servers = new ArrayList<>();

  /** The Range header of each request. */
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());

  /** How the server misbehaves. */
  private enum Fault {
    NONE,
    BREAKS_OFF_ONCE,
    BREAKS_OFF_AT_ONCE,
    NO_RANGES,
    OTHER_BYTES,
    NOT_FOUND
  }

  SnapshotFilesTest(@TempDir Path temp) {
    this.temp = temp;
  }

  @AfterEach
  void stop() {
    servers.forEach(server -> server.stop(0));
  }

  @Test
  void whatIsWrittenIsDescribedAndFoundAgain() throws IOException {
    SnapshotFiles files = SnapshotFiles.in(temp.resolve("w"));
    Probe probe = new Probe(Tokens.of(1), Tokens.of(2), PerToken.of(-1f));
    Snapshot snapshot =
        files.write(Model.POLICY, 3, 2, List.of(probe), out -> out.write("abc".getBytes(UTF_8)));
    Path file = temp.resolve("w/policy-3.safetensors");
    assertThat(snapshot)
        .isEqualTo(
            new Snapshot(
                Model.POLICY,
                3,
                2,
                file.toUri(),
                3,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                List.of(probe)));
    assertThat(files.fetch(snapshot)).isEqualTo(file).hasContent("abc");
    assertThat(SnapshotFiles.in(temp.resolve("other")).fetch(snapshot)).isEqualTo(file);
  }

  @Test
  void aFullDiskLeavesNothingBehind() throws IOException {
    SnapshotFiles files = SnapshotFiles.in(temp);
    assertThatThrownBy(
            () ->
                files.write(
                    Model.POLICY,
                    0,
                    -1,
                    List.of(),
                    out -> {
                      out.write(WEIGHTS);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(SnapshotFileException.NotWritten.class)
        .hasMessageContaining("No space left on device");
    assertThat(names(temp)).isEmpty();
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws IOException {
    SnapshotFiles files = SnapshotFiles.in(temp);
    Snapshot old = write(files, Model.REWARD, 0);
    assertThatThrownBy(
            () ->
                files.write(
                    Model.REWARD,
                    0,
                    -1,
                    List.of(),
                    out -> {
                      throw new IllegalStateException("no tensors");
                    }))
        .isInstanceOf(SnapshotFileException.NotWritten.class);
    assertThat(Files.readAllBytes(SnapshotFiles.in(temp).fetch(old))).isEqualTo(WEIGHTS);
  }

  @Test
  void whatACrashLeftHalfWrittenIsClearedAway() throws IOException {
    Files.writeString(temp.resolve("policy-1.safetensors.tmp"), "half");
    SnapshotFiles.in(temp);
    assertThat(names(temp)).isEmpty();
  }

  @Test
  void alteredWeightsAreRefused() throws IOException {
    Snapshot snapshot = write(SnapshotFiles.in(temp), Model.POLICY, 0);
    Path file = Path.of(snapshot.url());
    byte[] altered = WEIGHTS.clone();
    altered[500] ^= 1;
    Files.write(file, altered);
    assertThatThrownBy(() -> SnapshotFiles.in(temp).fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Corrupt.class)
        .hasMessageContaining("(expected: " + snapshot.sha256() + ")");
    Files.writeString(file, "short");
    assertThatThrownBy(() -> SnapshotFiles.in(temp).fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Corrupt.class)
        .hasMessageContaining("5 bytes (expected: 100000)");
    Files.delete(file);
    assertThatThrownBy(() -> SnapshotFiles.in(temp).fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Unavailable.class);
  }

  @Test
  void servedWeightsAreDownloadedOnce() throws IOException {
    Snapshot snapshot = served(Fault.NONE);
    SnapshotFiles cache = SnapshotFiles.in(temp.resolve("cache"));
    Path file = cache.fetch(snapshot);
    assertThat(file).isEqualTo(temp.resolve("cache/policy-0.safetensors"));
    assertThat(Files.readAllBytes(file)).isEqualTo(WEIGHTS);
    assertThat(cache.fetch(snapshot)).isEqualTo(file);
    assertThat(ranges).containsExactly("bytes=0-99999");
    assertThat(names(temp.resolve("cache"))).containsExactly("policy-0.safetensors");
  }

  @Test
  void theWriterOfServedWeightsNeedsNoDownload() {
    SnapshotFiles own = SnapshotFiles.servedAt(temp, URI.create("http://127.0.0.1:1/weights/"));
    Snapshot snapshot = write(own, Model.POLICY, 0);
    assertThat(snapshot.url())
        .isEqualTo(URI.create("http://127.0.0.1:1/weights/policy-0.safetensors"));
    assertThat(own.fetch(snapshot)).isEqualTo(temp.resolve("policy-0.safetensors"));
  }

  @Test
  void aBrokenTransferGoesOnWhereItBroke() throws IOException {
    Snapshot snapshot = served(Fault.BREAKS_OFF_ONCE);
    Path file = SnapshotFiles.in(temp.resolve("cache")).fetch(snapshot);
    assertThat(Files.readAllBytes(file)).isEqualTo(WEIGHTS);
    assertThat(ranges).hasSize(2).startsWith("bytes=0-99999").doesNotHaveDuplicates();
  }

  @Test
  void aLaterCallGoesOnWithWhatIsThere() throws IOException {
    Snapshot snapshot = served(Fault.NONE);
    Path cache = Files.createDirectories(temp.resolve("cache"));
    Files.write(
        cache.resolve("policy-" + snapshot.sha256() + ".part"), Arrays.copyOf(WEIGHTS, 60_000));
    assertThat(Files.readAllBytes(SnapshotFiles.in(cache).fetch(snapshot))).isEqualTo(WEIGHTS);
    assertThat(ranges).containsExactly("bytes=60000-99999");
  }

  @Test
  void whatComesIsHashedOnItsWayAlsoInPieces() throws IOException {
    for (Fault fault : List.of(Fault.NONE, Fault.BREAKS_OFF_ONCE, Fault.NO_RANGES)) {
      ranges.clear();
      Snapshot snapshot = served(fault);
      Path part = temp.resolve(fault + ".part");
      assertThat(
              new Download()
                  .fill(part, Download.Source.at(snapshot.url()), snapshot.bytes())
                  .sha256())
          .as(fault.toString())
          .hasValue(snapshot.sha256());
    }
    Snapshot other = served(Fault.OTHER_BYTES);
    assertThat(
            new Download()
                .fill(temp.resolve("other"), Download.Source.at(other.url()), other.bytes())
                .sha256()
                .orElseThrow())
        .isNotEqualTo(other.sha256());
  }

  @Test
  void aFileWhoseBeginningWasThereIsNotTakenForHashed() throws IOException {
    Snapshot snapshot = served(Fault.NONE);
    Path part = Files.write(temp.resolve("part"), Arrays.copyOf(WEIGHTS, 60_000));
    assertThat(
            new Download()
                .fill(part, Download.Source.at(snapshot.url()), snapshot.bytes())
                .sha256())
        .isEmpty();
    assertThat(part).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aSpoiltBeginningIsDownloadedAgain() throws IOException {
    Snapshot snapshot = served(Fault.NONE);
    Path cache = Files.createDirectories(temp.resolve("cache"));
    Files.write(cache.resolve("policy-" + snapshot.sha256() + ".part"), new byte[60_000]);
    assertThat(Files.readAllBytes(SnapshotFiles.in(cache).fetch(snapshot))).isEqualTo(WEIGHTS);
    assertThat(ranges).containsExactly("bytes=60000-99999", "bytes=0-99999");
  }

  @Test
  void aServerWithoutRangesStartsAgain() throws IOException {
    Snapshot snapshot = served(Fault.NO_RANGES);
    Path cache = Files.createDirectories(temp.resolve("cache"));
    Files.write(cache.resolve("policy-" + snapshot.sha256() + ".part"), new byte[60_000]);
    assertThat(Files.readAllBytes(SnapshotFiles.in(cache).fetch(snapshot))).isEqualTo(WEIGHTS);
  }

  @Test
  void otherBytesThanPublishedAreRefusedAndNotKept() throws IOException {
    Snapshot snapshot = served(Fault.OTHER_BYTES);
    SnapshotFiles cache = SnapshotFiles.in(temp.resolve("cache"));
    assertThatThrownBy(() -> cache.fetch(snapshot))
        .isInstanceOf(SnapshotFileException.Corrupt.class);
    assertThat(names(temp.resolve("cache"))).isEmpty();
  }

  @Test
  void aServerThatBringsNothingIsUnavailable() throws IOException {
    SnapshotFiles cache = SnapshotFiles.in(temp.resolve("cache"));
    Snapshot missing = served(Fault.NOT_FOUND);
    assertThatThrownBy(() -> cache.fetch(missing))
        .isInstanceOf(SnapshotFileException.Unavailable.class)
        .hasMessage(missing.url() + ": status 404 at byte 0 (expected: 100000 bytes)");
    Snapshot broken = served(Fault.BREAKS_OFF_AT_ONCE);
    assertThatThrownBy(() -> cache.fetch(broken))
        .isInstanceOf(SnapshotFileException.Unavailable.class);
  }

  @Test
  void modelsDoNotWaitForEachOthersDownloads() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch delivers = new CountDownLatch(1);
    HttpServer slow =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.createContext(
        "/",
        exchange -> {
          asked.countDown();
          await(delivers);
          answer(exchange, Fault.NONE);
        });
    slow.start();
    servers.add(slow);
    Snapshot reward =
        at(write(SnapshotFiles.in(temp.resolve("learner")), Model.REWARD, 0), urlOf(slow));
    Snapshot policy = served(Fault.NONE);
    SnapshotFiles cache = SnapshotFiles.in(temp.resolve("cache"));
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Path> first = threads.submit(() -> cache.fetch(reward));
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      Future<Path> second = threads.submit(() -> cache.fetch(policy));
      assertThat(second.get(10, TimeUnit.SECONDS)).hasBinaryContent(WEIGHTS);
      assertThat(first).isNotDone();
      delivers.countDown();
      assertThat(first.get(10, TimeUnit.SECONDS)).hasBinaryContent(WEIGHTS);
    } finally {
      delivers.countDown();
      threads.shutdownNow();
    }
  }

  @Test
  void otherSchemesAreRefused() {
    Snapshot snapshot = write(SnapshotFiles.in(temp), Model.POLICY, 0);
    assertThatThrownBy(
            () -> SnapshotFiles.in(temp).fetch(at(snapshot, URI.create("ftp://host/file"))))
        .hasMessage("url: ftp://host/file (expected: file, http, https, s3 or mount)");
  }

  @Test
  void pruningKeepsTheNewestAndTheReference() throws IOException {
    SnapshotFiles files = SnapshotFiles.in(temp);
    for (int version = 0; version < 12; version++) {
      write(files, Model.POLICY, version);
      write(files, Model.REWARD, version);
    }
    Files.writeString(temp.resolve("notes.txt"), "not mine");
    files.prune(Model.POLICY, 2);
    files.prune(Model.REWARD, 1);
    assertThat(names(temp))
        .containsExactlyInAnyOrder(
            "notes.txt",
            "policy-0.safetensors",
            "policy-10.safetensors",
            "policy-11.safetensors",
            "reward-11.safetensors");
  }

  private static Snapshot write(SnapshotFiles files, Model model, long version) {
    return files.write(model, version, version - 1, List.of(), out -> out.write(WEIGHTS));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static Snapshot at(Snapshot snapshot, URI url) {
    return new Snapshot(
        snapshot.model(),
        snapshot.version(),
        snapshot.parent(),
        url,
        snapshot.bytes(),
        snapshot.sha256(),
        snapshot.probes());
  }

  private static byte[] weights(int bytes) {
    byte[] weights = new byte[bytes];
    new Random(1).nextBytes(weights);
    return weights;
  }

  /** Policy version 0 behind a server with a fault. */
  private Snapshot served(Fault fault) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, fault));
    server.start();
    servers.add(server);
    Snapshot snapshot = write(SnapshotFiles.in(temp.resolve("learner")), Model.POLICY, 0);
    return at(snapshot, urlOf(server));
  }

  private static URI urlOf(HttpServer server) {
    return URI.create(
        "http://%s:%d/weights"
            .formatted(
                InetAddress.getLoopbackAddress().getHostAddress(), server.getAddress().getPort()));
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void answer(HttpExchange exchange, Fault fault) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range);
    int from = Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
    boolean first = ranges.size() == 1;
    try (exchange) {
      switch (fault) {
        case NOT_FOUND -> exchange.sendResponseHeaders(404, -1);
        case NO_RANGES -> {
          exchange.sendResponseHeaders(200, WEIGHTS.length);
          exchange.getResponseBody().write(WEIGHTS);
        }
        default -> {
          int size = WEIGHTS.length - from;
          exchange.sendResponseHeaders(206, size);
          byte[] sent = fault == Fault.OTHER_BYTES ? new byte[WEIGHTS.length] : WEIGHTS;
          int part =
              switch (fault) {
                case BREAKS_OFF_ONCE -> first ? size / 2 : size;
                case BREAKS_OFF_AT_ONCE -> 0;
                default -> size;
              };
          exchange.getResponseBody().write(sent, from, part);
          exchange.getResponseBody().flush();
        }
      }
    }
  }
}
