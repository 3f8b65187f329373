package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.endtoend.TinyModel;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotStore;
import plaudit.snapshots.s3.S3Locator;
import plaudit.snapshots.s3.S3Objects;
import plaudit.snapshots.s3.S3Settings;

/** Weights by way of a real S3-compatible store, up to a run of several processes. */
@Tag("slow")
@Timeout(600)
class ObjectStoreTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String LOCATION = "s3://weights/some/where";
  private static final int UPDATES = 5_000;
  private static final int TEMPORARY = 75;

  private final List<NodeJvm> started = new ArrayList<>();
  private final int port = NodeJvm.freePort();

  @TempDir private Path directory;
  private S3Server server;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(S3Server.isThere(), "no s3proxy here: the slow profile copies it");
    Files.createDirectories(data().resolve("weights"));
    server = S3Server.start(data(), port);
    System.setProperty("aws.accessKeyId", S3Server.KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET);
  }

  @AfterEach
  void stop() throws Exception {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
    started.forEach(NodeJvm::close);
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aVersionHasTheSameHashThereAndOldOnesAreRemoved() throws Exception {
    byte[] weights = new byte[40 << 20]; // three parts
    new Random(1).nextBytes(weights);
    try (S3Objects objects = open(LOCATION);
        SnapshotStore store = new SnapshotStore(objects)) {
      SnapshotFiles learner = SnapshotFiles.in(directory.resolve("learner")).storingIn(store);
      SnapshotFiles sampler =
          SnapshotFiles.cache(directory.resolve("sampler"), true)
              .locatedBy(new S3Locator(settings()));
      for (long version = 0; version < 5; version++) {
        weights[0] = (byte) version;
        byte[] written = weights;
        Snapshot snapshot =
            learner.write(Model.POLICY, version, version - 1, List.of(), out -> out.write(written));
        assertThat(snapshot.url())
            .isEqualTo(URI.create(LOCATION + "/r/policy-" + version + ".safetensors"));
        assertThat(Files.readAllBytes(sampler.fetch(snapshot))).isEqualTo(weights);
        learner.prune(Model.POLICY, 2);
      }
      assertThat(sampler.received()).isEqualTo(5L * weights.length);
      assertThat(objects.list())
          .containsExactlyInAnyOrder(
              "store",
              "policy-0.json",
              "policy-0.safetensors",
              "policy-3.json",
              "policy-3.safetensors",
              "policy-4.json",
              "policy-4.safetensors");
    }
  }

  @Test
  void aStoreThatCannotBeUsedIsNamedInOneLine() throws Exception {
    assertThatThrownBy(() -> open("s3://nowhere/x"))
        .isExactlyInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("plaudit.snapshots.store: s3://nowhere/x (expected: a bucket that")
        .hasMessageContaining("status 404");
    System.setProperty("aws.secretAccessKey", "wrong");
    assertThatThrownBy(() -> open(LOCATION))
        .isExactlyInstanceOf(InvalidInputException.class)
        .hasMessageContaining("status 403");
    assertThatThrownBy(() -> open("s3://Weights"))
        .hasMessage("plaudit.snapshots.store: s3://Weights (expected: s3://BUCKET/PREFIX)");
    server.close();
    assertThatThrownBy(() -> open(LOCATION))
        .isExactlyInstanceOf(UnavailableException.class)
        .hasMessageStartingWith("plaudit.snapshots.store: " + LOCATION + " (expected: a store that")
        .extracting(Throwable::getMessage)
        .asString()
        .hasLineCount(1);
  }

  /** A learner is killed while it uploads: no version, no manifest, and no parts that cost. */
  @Test
  void anUploadThatIsKilledLeavesNoVersion() throws Exception {
    Path large = directory.resolve("policy-7.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1L << 30);
    }
    Process upload =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Daws.accessKeyId=" + S3Server.KEY,
                "-Daws.secretAccessKey=" + S3Server.SECRET,
                "-cp",
                System.getProperty("java.class.path"),
                Upload.class.getName(),
                server.endpoint,
                large.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("upload.log").toFile())
            .start();
    await("parts are there", () -> bytes(data()) > 100 << 20);
    assertThat(upload.isAlive()).as(Files.readString(directory.resolve("upload.log"))).isTrue();
    upload.destroyForcibly().waitFor();

    try (S3Objects objects = open(LOCATION)) {
      assertThat(objects.list()).containsExactly("store");
    }
    assertThat(bytes(data())).as("what the parts took is free again").isLessThan(1 << 20);
  }

  /** Puts one file. */
  static final class Upload {
    private Upload() {}

    public static void main(String[] args) throws IOException {
      S3Settings settings = new S3Settings(Optional.of(URI.create(args[0])), "us-east-1", true);
      try (S3Objects objects = S3Objects.open("store", LOCATION, "r", settings)) {
        Path file = Path.of(args[1]);
        objects.put(file.getFileName().toString(), file);
      }
    }
  }

  @Test
  void aRunGoesOnWhenItsStoreIsGone() throws Exception {
    Path model = TinyModel.in(directory);
    int seed = NodeJvm.freePort();
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, UPDATES));
    settings.addAll(
        List.of(
            "cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]",
            "snapshots.store=\"" + LOCATION + "\"",
            "snapshots.s3.endpoint=\"" + server.endpoint + "\"",
            "snapshots.s3.path-style=on"));
    NodeJvm learner =
        node("learner", S3Server.SECRET, "learner,gateway", settings, "cluster.port=" + seed);
    NodeJvm worker = node("worker", S3Server.SECRET, "sampler,scorer", settings, "run.data=\"\"");
    worker.await(
        "weights from the store",
        PATIENCE,
        () ->
            learner.meter("plaudit_policy_updates_total") > 3
                && worker.meter("plaudit_snapshots_received_bytes_total") > 0);
    assertThat(learner.meter("plaudit_snapshots_not_stored_total")).isZero();
    Path run = data().resolve("weights/some/where");
    assertThat(bytes(run)).isPositive();

    server.close();
    double before = learner.meter("plaudit_policy_updates_total");
    learner.await(
        "updates without the store",
        PATIENCE,
        () ->
            learner.meter("plaudit_policy_updates_total") > before + 3
                && learner.meter("plaudit_snapshots_not_stored_total") > 2);

    server = S3Server.start(data(), port);
    double then = learner.meter("plaudit_snapshots_not_stored_total");
    double updates = learner.meter("plaudit_policy_updates_total");
    learner.await(
        "updates with the store",
        PATIENCE,
        () -> learner.meter("plaudit_policy_updates_total") > updates + 5);
    assertThat(learner.meter("plaudit_snapshots_not_stored_total")).isLessThan(then + 3);
  }

  @Test
  void aRunWhoseStoreIsNotToBeHadDoesNotBegin() throws Exception {
    Path model = TinyModel.in(directory);
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, UPDATES));
    int seed = NodeJvm.freePort();
    settings.addAll(
        List.of(
            "cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]",
            "snapshots.store=\"" + LOCATION + "\"",
            "snapshots.s3.endpoint=\"" + server.endpoint + "\"",
            "snapshots.s3.path-style=on"));
    NodeJvm wrong = node("wrong", "wrong", "learner,gateway", settings, "cluster.port=" + seed);
    assertThat(wrong.exit(PATIENCE)).as(wrong.output()).isEqualTo(2);
    server.close();
    NodeJvm away =
        node("away", S3Server.SECRET, "learner,gateway", settings, "cluster.port=" + seed);
    assertThat(away.exit(PATIENCE)).as(away.output()).isEqualTo(TEMPORARY);
  }

  private NodeJvm node(String name, String secret, String roles, List<String> settings, String own)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("node", "--roles", roles, "--config", "quickstart"));
    all.addAll(settings);
    all.add(own);
    NodeJvm node =
        NodeJvm.start(
            NodeJvm.Host.HERE,
            directory,
            name,
            List.of("-Daws.accessKeyId=" + S3Server.KEY, "-Daws.secretAccessKey=" + secret),
            all);
    started.add(node);
    return node;
  }

  private S3Objects open(String location) {
    return S3Objects.open("plaudit.snapshots.store", location, "r", settings());
  }

  private S3Settings settings() {
    return new S3Settings(Optional.of(URI.create(server.endpoint)), "us-east-1", true);
  }

  private Path data() {
    return directory.resolve("data");
  }

  private static long bytes(Path tree) {
    try (Stream<Path> files = Files.walk(tree)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0; // a file went away meanwhile
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError(what + ": not within " + PATIENCE);
      }
      Thread.onSpinWait();
    }
  }
}
