package plaudit.snapshots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;

class SnapshotServerTest {

  private static final byte[] WEIGHTS = new byte[300_000];

  static {
    new Random(7).nextBytes(WEIGHTS);
  }

  private final HttpClient client = HttpClient.newHttpClient();
  private final SnapshotServer server =
      SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2, Duration.ofSeconds(1));

  @TempDir private Path directory;
  private SnapshotFiles files;

  @BeforeEach
  void serve() {
    files = SnapshotFiles.servedAt(directory.resolve("learner"), server.url());
    server.serve(files);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void anotherNodeFetchesWhatWasWrittenHere() throws IOException {
    Snapshot snapshot = write(3);
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), false);
    assertThat(cache.fetch(snapshot)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aBrokenDownloadGoesOnWhereItBroke() throws Exception {
    Snapshot snapshot = write(3);
    Path cache = Files.createDirectory(directory.resolve("sampler"));
    Files.write(
        cache.resolve("policy-" + snapshot.sha256() + ".part"), Arrays.copyOf(WEIGHTS, 200_000));
    assertThat(SnapshotFiles.cache(cache, false).fetch(snapshot)).hasBinaryContent(WEIGHTS);
  }

  @Test
  void withADeltaOnlyWhatChangedTravels() throws IOException {
    byte[] weights = new byte[5 * Blocks.BYTES + 1234];
    new Random(8).nextBytes(weights);
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), true);
    cache.fetch(write(0, weights));
    assertThat(cache.received()).isEqualTo(weights.length);

    weights[2 * Blocks.BYTES + 5]++;
    weights[weights.length - 1]++;
    assertThat(cache.fetch(write(1, weights))).hasBinaryContent(weights);
    assertThat(cache.received() - weights.length)
        .isEqualTo(Blocks.BYTES + 1234 + Blocks.indexBytes(weights.length));

    long before = cache.received();
    byte[] longer = Arrays.copyOf(weights, weights.length + 1);
    assertThat(cache.fetch(write(2, longer))).hasBinaryContent(longer);
    assertThat(cache.received() - before).as("of another length").isEqualTo(longer.length);
    try (var left = Files.list(cache.directory())) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("policy-0.safetensors", "policy-2.safetensors");
    }
  }

  /** Weights that an update has changed in their last bits. */
  @Test
  void compressedWeightsAreTheSameAndFewerBytesTravel() throws IOException {
    float[] numbers = new float[300_001];
    Random random = new Random(8);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian() / 50;
    }
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), false).compressing();
    byte[] weights = bytes(numbers);
    assertThat(cache.fetch(write(0, weights))).hasBinaryContent(weights);
    assertThat(cache.received()).as("alone").isLessThan(weights.length * 93L / 100);

    for (int i = 0; i < numbers.length; i++) {
      numbers[i] += 1e-5f * (random.nextBoolean() ? 1 : -1);
    }
    byte[] next = bytes(numbers);
    long before = cache.received();
    assertThat(cache.fetch(write(1, next))).hasBinaryContent(next);
    assertThat(cache.received() - before).as("against").isLessThan(next.length * 65L / 100);

    byte[] longer = Arrays.copyOf(next, next.length + 3);
    assertThat(cache.fetch(write(2, longer))).hasBinaryContent(longer);
    Path cut = directory.resolve("other");
    Snapshot snapshot = write(3, next);
    Files.write(
        Files.createDirectories(cut).resolve("policy-" + snapshot.sha256() + ".part"),
        Arrays.copyOf(next, 400_001));
    assertThat(SnapshotFiles.cache(cut, false).compressing().fetch(snapshot))
        .hasBinaryContent(next);
  }

  @Test
  void whatANodeHasFetchedItServesToOthers() throws IOException {
    Snapshot snapshot = write(3);
    try (SnapshotServer peers = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2)) {
      SnapshotFiles first = sharing("first", peers);
      first.fetch(snapshot);
      awaitHolder(snapshot);
      long sent = server.sent();
      for (int i = 0; i < 3; i++) {
        SnapshotFiles other = SnapshotFiles.cache(directory.resolve("other" + i), false);
        assertThat(other.fetch(snapshot)).hasBinaryContent(WEIGHTS);
      }
      assertThat(server.sent()).as("by the learner").isEqualTo(sent);
      assertThat(peers.sent()).isEqualTo(3L * WEIGHTS.length);

      first.fetch(write(4)); // which has no room for version 3
      SnapshotFiles late = SnapshotFiles.cache(directory.resolve("late"), false);
      assertThat(late.fetch(snapshot)).hasBinaryContent(WEIGHTS);
      assertThat(server.holders(snapshot)).isZero();
    }
  }

  @Test
  void aNodeThatServesOtherBytesOrIsGoneIsPassedOver() throws IOException {
    Snapshot snapshot = write(3);
    SnapshotServer peers = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2);
    Path copy = sharing("first", peers).fetch(snapshot);
    awaitHolder(snapshot);
    Files.write(copy, new byte[WEIGHTS.length]);
    assertThat(SnapshotFiles.cache(directory.resolve("other"), false).fetch(snapshot))
        .hasBinaryContent(WEIGHTS);
    assertThat(server.holders(snapshot)).isZero();

    Snapshot next = write(4);
    SnapshotServer gone = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2);
    sharing("second", gone).fetch(next);
    awaitHolder(next);
    gone.close();
    peers.close();
    assertThat(SnapshotFiles.cache(directory.resolve("third"), false).fetch(next))
        .hasBinaryContent(WEIGHTS);
  }

  private void awaitHolder(Snapshot snapshot) {
    while (server.holders(snapshot) == 0) {
      Thread.onSpinWait();
    }
  }

  private SnapshotFiles sharing(String name, SnapshotServer server) {
    SnapshotFiles files =
        SnapshotFiles.cacheServedAt(directory.resolve(name), false, server.url()).sharing();
    server.serve(files);
    return files;
  }

  private static byte[] bytes(float[] numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return bytes.array();
  }

  @Test
  void aDeltaThatIsOfOtherWeightsIsMendedByAWholeDownload() throws IOException {
    byte[] weights = new byte[3 * Blocks.BYTES];
    new Random(8).nextBytes(weights);
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), true);
    Path old = cache.fetch(write(0, weights));
    byte[] next = weights.clone();
    next[5]++;
    Snapshot snapshot = write(1, next);
    Files.write(files.directory().resolve("policy-1.safetensors.blocks"), Blocks.of(old).toBytes());
    assertThat(cache.fetch(snapshot)).hasBinaryContent(next);
  }

  @Test
  void aServerWithoutBlocksIsAskedForTheWhole() throws IOException {
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), true);
    cache.fetch(write(0));
    Path unreadable = files.directory().resolve("policy-1.safetensors.blocks");
    Snapshot next = write(1);
    Files.createDirectory(unreadable);
    assertThat(cache.fetch(next)).hasBinaryContent(WEIGHTS);
    assertThat(cache.received()).isEqualTo(2L * WEIGHTS.length);
  }

  @Test
  void aCacheKeepsTheNewestOfEachModelAndTheReference() throws IOException {
    SnapshotFiles cache = SnapshotFiles.cache(directory.resolve("sampler"), false);
    cache.fetch(files.write(Model.REWARD, 0, -1, List.of(), out -> out.write(WEIGHTS)));
    for (long version : new long[] {0, 1, 5, 4}) { // 4: a learner went on from its checkpoint
      cache.fetch(write(version));
    }
    try (var left = Files.list(cache.directory())) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "policy-0.safetensors", "policy-4.safetensors", "reward-0.safetensors");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-          | 0      | 300000 | 200",
        "bytes=299999-     | 299999 | 300000 | 206",
        "bytes=10-19       | 10     | 20     | 206",
        "bytes=-5          | 299995 | 300000 | 206",
        "bytes=10-999999   | 10     | 300000 | 206",
        "bytes=0-1,5-6     | 0      | 300000 | 200",
        "lines=3-          | 0      | 300000 | 200",
      })
  void rangesAreServed(String range, int from, int end, int status) throws Exception {
    HttpResponse<byte[]> response = get(write(3), "Range", range);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(WEIGHTS, from, end));
    if (status == 206) {
      assertThat(response.headers().firstValue("Content-Range"))
          .hasValue("bytes %d-%d/300000".formatted(from, end - 1));
    }
  }

  @Test
  void whatIsNotThereIsRefused() throws Exception {
    Snapshot snapshot = write(3);
    assertThat(get(snapshot, "Range", "bytes=300000-").statusCode()).isEqualTo(416);
    Files.writeString(directory.resolve("secret.safetensors"), "x");
    for (String path : List.of("", "policy-4.safetensors", "..%2fsecret.safetensors", "a/b")) {
      HttpRequest request = HttpRequest.newBuilder(server.url().resolve(path)).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .as(path)
          .isEqualTo(404);
    }
  }

  @Test
  void theDigestIsTheEntityTag() throws Exception {
    Snapshot snapshot = write(3);
    String tag = '"' + snapshot.sha256() + '"';
    assertThat(get(snapshot, "Range", "bytes=1-2").headers().firstValue("ETag")).hasValue(tag);
    assertThat(get(snapshot, "If-None-Match", tag).statusCode()).isEqualTo(304);
    HttpRequest stale =
        HttpRequest.newBuilder(snapshot.url())
            .header("Range", "bytes=1-2")
            .header("If-Range", "\"other\"")
            .build();
    HttpResponse<byte[]> whole = client.send(stale, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(WEIGHTS);
  }

  @Test
  void whoReadsNothingDoesNotKeepOthersWaiting() throws Exception {
    byte[] megabyte = new byte[1 << 20];
    Snapshot big =
        files.write(
            Model.POLICY,
            9,
            8,
            List.of(),
            out -> {
              for (int i = 0; i < 64; i++) {
                out.write(megabyte);
              }
            });
    try (Socket one = stalled(big);
        Socket other = stalled(big)) {
      HttpResponse<byte[]> response = get(write(10), "Range", "bytes=0-9");
      assertThat(response.body()).isEqualTo(Arrays.copyOf(WEIGHTS, 10));
      assertThat(one.isConnected() && other.isConnected()).isTrue();
    }
  }

  @Test
  void aPortInUseIsTheUsersToMend() {
    assertThatThrownBy(
            () -> SnapshotServer.bind("127.0.0.1", server.url().getPort(), "localhost", 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("plaudit.snapshots: cannot listen on 127.0.0.1:");
  }

  @Test
  void noByteOfAnEmptyFileExists() {
    assertThat(SnapshotServer.ByteRange.of("bytes=0-", 0)).isEqualTo(Optional.empty());
  }

  private Socket stalled(Snapshot snapshot) throws IOException {
    URI url = snapshot.url();
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new java.net.InetSocketAddress(url.getHost(), url.getPort()));
    socket
        .getOutputStream()
        .write(
            ("GET " + url.getPath() + " HTTP/1.1\r\nHost: x\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private HttpResponse<byte[]> get(Snapshot snapshot, String header, String value)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(snapshot.url())
            .timeout(Duration.ofSeconds(20))
            .header(header, value)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  private Snapshot write(long version) {
    return write(version, WEIGHTS);
  }

  private Snapshot write(long version, byte[] weights) {
    return files.write(Model.POLICY, version, version - 1, List.of(), out -> out.write(weights));
  }
}
