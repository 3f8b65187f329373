package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;
import plaudit.experience.journal.JournalReader;
import plaudit.gateway.store.RunLease;
import plaudit.gateway.store.StoreSettings;

/** A run that is owned by a lease in PostgreSQL. Skipped where the machine has none. */
@Timeout(600)
class LeaseTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration TIME = Duration.ofSeconds(3);
  private static final int UPDATES = 5_000;
  private static final int SIGTERM = 128 + 15;
  private static final int NOT_AVAILABLE = 75;

  private final List<NodeJvm> started = new ArrayList<>();

  @TempDir private Path directory;
  private Postgres server;

  @BeforeEach
  void start() throws Exception {
    Optional<Postgres> postgres = Postgres.start(directory);
    Assumptions.assumeTrue(postgres.isPresent(), "no PostgreSQL here: leases are not tested");
    server = postgres.orElseThrow();
  }

  @AfterEach
  void stop() throws Exception {
    started.forEach(NodeJvm::close);
    if (server != null) {
      server.close();
    }
  }

  @Test
  void oneOfTwoHasItUntilItEndsOrDoesNotRenewIt() throws Exception {
    assertThat(RunLease.holder(store(), "r", TIME)).isEmpty();
    RunLease one = RunLease.take(store(), "r", "one", TIME).orElseThrow();
    assertThat(RunLease.take(store(), "r", "two", TIME)).isEmpty();
    assertThat(RunLease.holder(store(), "r", TIME)).hasValue("one");
    assertThat(RunLease.take(store(), "other", "two", TIME)).isPresent();

    one.close();
    try (RunLease two = await(() -> RunLease.take(store(), "r", "two", TIME))) {
      assertThat(two.epoch()).isEqualTo(2);
      // It is kept for longer than it lasts.
      sql("CREATE TABLE seen AS SELECT expires_at FROM run_lease WHERE run = 'r'");
      await(
          () ->
              flag(
                  "SELECT 1 FROM run_lease, seen WHERE run = 'r' AND"
                      + " run_lease.expires_at > seen.expires_at + INTERVAL '4 seconds'"));
      assertThat(two.isHeld()).isTrue();

      // Another process has taken it.
      sql("UPDATE run_lease SET epoch = 7 WHERE run = 'r'");
      await(() -> two.isHeld() ? Optional.empty() : Optional.of(true));
    }
    assertThat(RunLease.holder(store(), "r", TIME)).as("that one's is not given up").isPresent();
  }

  /** The database goes away: the holder is the first to know that its time is over. */
  @Test
  void whoCannotRenewHasLostIt() throws Exception {
    try (RunLease lease = RunLease.take(store(), "r", "one", TIME).orElseThrow()) {
      server.close();
      await(() -> lease.isHeld() ? Optional.empty() : Optional.of(true));
    }
  }

  @Test
  @Tag("slow")
  void aLearnerThatStandsStillIsReplacedAndWritesNothingWhenItGoesOn() throws Exception {
    Path model = TinyModel.in(directory);
    int first = NodeJvm.freePort();
    int second = NodeJvm.freePort();
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, UPDATES));
    settings.addAll(
        List.of(
            "cluster.seed-nodes=[\"127.0.0.1:%d\",\"127.0.0.1:%d\"]".formatted(first, second),
            "cluster.stable-after=3s",
            "policy.checkpoint-every=5",
            "experience.on-stale=wait",
            "experience.journal.keep=all",
            "gateway.store.url=\"" + server.url() + "\"",
            "gateway.store.user=" + Postgres.USER,
            "run.lease.in=database",
            "run.lease.time=3s"));
    NodeJvm learner = node("learner", "learner,gateway", settings, "cluster.port=" + first);
    node("worker", "sampler,scorer", settings, "run.data=\"\"");
    learner.await(
        "a checkpoint", PATIENCE, () -> learner.meter("plaudit_policy_updates_total") > 5);
    Path run = run();
    NodeJvm standby =
        started(
            NodeJvm.start(
                directory,
                "standby",
                List.of(
                    "node",
                    "--roles",
                    "learner,gateway",
                    "--standby",
                    run.toString(),
                    "cluster.port=" + second)));
    learner.await("the standby is up", PATIENCE, () -> learner.up() == 3);

    learner.signal("STOP");
    standby.await(
        "a new update", PATIENCE, () -> standby.meter("plaudit_policy_learning_seconds_count") > 0);
    learner.signal("CONT");
    assertThat(learner.exit(PATIENCE)).as(learner.output()).isEqualTo(NOT_AVAILABLE);
    assertThat(learner.output()).contains("its lease in the database was not renewed in time");

    standby.terminate();
    assertThat(standby.exit(PATIENCE)).as(standby.output()).isEqualTo(SIGTERM);
    JournalReader journal = JournalReader.of(run);
    assertThat(journal.learned()).hasSizeBetween(6, UPDATES - 1);
    assertThat(Books.prompts(journal, journal.learned().size())).isEmpty();
  }

  private NodeJvm node(String name, String roles, List<String> settings, String own)
      throws IOException {
    List<String> all = new ArrayList<>(settings);
    all.add(own);
    return started(NodeJvm.node(directory, name, roles, all));
  }

  private NodeJvm started(NodeJvm node) {
    started.add(node);
    return node;
  }

  private Path run() throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow();
    }
  }

  private StoreSettings store() {
    return StoreSettings.from(
        ConfigFactory.parseString(
                """
                plaudit.gateway.store { url = "%s", user = %s }
                """
                    .formatted(server.url(), Postgres.USER))
            .withFallback(ConfigFactory.defaultReference()));
  }

  private Optional<Boolean> flag(String query) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.url(), Postgres.USER, "");
        Statement statement = connection.createStatement()) {
      return statement.executeQuery(query).next() ? Optional.of(true) : Optional.empty();
    }
  }

  private void sql(String command) throws Exception {
    try (Connection connection = DriverManager.getConnection(server.url(), Postgres.USER, "");
        Statement statement = connection.createStatement()) {
      statement.execute(command);
    }
  }

  private static <T> T await(Callable<Optional<T>> condition) throws Exception {
    long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (System.nanoTime() < until) {
      Optional<T> value = condition.call();
      if (value.isPresent()) {
        return value.get();
      }
      Thread.onSpinWait();
    }
    throw new AssertionError("not within 30 s");
  }
}
