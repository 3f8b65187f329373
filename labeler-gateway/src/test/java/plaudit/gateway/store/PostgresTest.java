package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.TestGateway;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;

/**
 * The store over a PostgreSQL server of this test's own. Skipped where the machine has no
 * PostgreSQL.
 */
@Timeout(180)
class PostgresTest {

  private static final Integer[] CHECKSUMS = {578685353, -677696404};

  private final Path directory;
  private @Nullable Process server;
  private String url = "";

  PostgresTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void start() throws Exception {
    Optional<Path> programs =
        Stream.of("17", "16", "15", "14", "13")
            .map(version -> Path.of("/usr/lib/postgresql", version, "bin"))
            .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
            .findFirst();
    Assumptions.assumeTrue(programs.isPresent(), "no PostgreSQL here: its dialect is not tested");
    Path bin = programs.orElseThrow();
    Path data = directory.resolve("data");
    boolean root = System.getProperty("user.name").equals("root");
    if (root) {
      Files.setPosixFilePermissions(
          directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    String initdb = bin.resolve("initdb") + " -A trust -U plaudit -D " + data;
    Assumptions.assumeTrue(
        process(root, initdb).waitFor() == 0, "PostgreSQL cannot be set up here: not tested");
    int port = freePort();
    String run =
        "exec %s -D %s -p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s"
            .formatted(bin.resolve("postgres"), data, port, directory);
    server = process(root, run);
    url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    awaitPort(port);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      // SIGINT to the postmaster would be gentler; the directory goes away in any case.
      server.descendants().forEach(ProcessHandle::destroy);
      server.destroy();
      if (!server.waitFor(20, TimeUnit.SECONDS)) {
        server.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void twoGatewaysShareTheWorkAndAReaderMissesNoLabel() throws Exception {
    int tasks = 150;
    try (JdbcLabels one = open();
        JdbcLabels two = open()) {
      one.ask(Comparisons.some("c", tasks));
      ExecutorService threads = Executors.newFixedThreadPool(4);
      List<Future<?>> people = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        JdbcLabels gateway = i % 2 == 0 ? one : two;
        Labeler labeler = new Labeler("acme", "p" + i);
        people.add(threads.submit(() -> labelWhileThereIsWork(gateway, labeler)));
      }
      List<Long> read = new ArrayList<>();
      long after = 0;
      while (read.size() < tasks) {
        for (Label label : two.labelsAfter(after, 20)) {
          read.add(label.sequence());
          after = label.sequence();
        }
      }
      for (Future<?> person : people) {
        person.get();
      }
      threads.shutdown();
      assertThat(read).isEqualTo(LongStream.rangeClosed(1, tasks).boxed().toList());
      assertThat(one.status()).isEqualTo(new LabelStore.Status(0, 0, tasks, tasks, tasks, false));
      assertThat(one.stats("acme").admitted()).isEqualTo(tasks);
    }
  }

  @Test
  void amendmentsSkipsKeysAndTheCordWorkAsOverSqlite() {
    Labeler anna = new Labeler("acme", "anna");
    Optional<IdempotencyKey> key = Optional.of(new IdempotencyKey("k", "f"));
    try (JdbcLabels labels = open()) {
      labels.ask(Comparisons.some("c", 2));
      Lease skipped = leases(labels, anna, 1).get(0);
      assertThat(labels.skip(anna, skipped.task().taskId(), new Remark("UNCLEAR", "x")))
          .isEqualTo(TaskOutcome.DONE);
      Lease lease = leases(labels, anna, 5).get(0);
      JudgeOutcome first = labels.judge(anna, submission(lease, 0), key);
      StoredJudgment stored = ((JudgeOutcome.Recorded) first).judgment();
      assertThat(labels.judge(anna, submission(lease, 0), key))
          .isEqualTo(new JudgeOutcome.Repeated(stored));
      assertThat(labels.judge(anna, submission(lease, 1), Optional.empty()))
          .isEqualTo(new JudgeOutcome.Conflict(stored));
      SubmittedChoice other = submission(lease, 1).answer();
      assertThat(labels.amend(anna, stored.judgmentId(), other, Optional.empty()))
          .isInstanceOf(JudgeOutcome.Recorded.class);
      assertThat(labels.labelsAfter(0, 10)).extracting("sequence").containsExactly(2L);
      assertThat(labels.extend(Holder.program("acme"), lease.leaseId()))
          .isInstanceOf(ExtendOutcome.Over.class);
      labels.stopRun(anna, "why");
      assertThat(labels.lease(anna, 1)).isEqualTo(new LeaseOutcome.Stopped("why"));
      assertThat(labels.list("acme", "anna", null, 10).orElseThrow().items()).hasSize(2);
    }
  }

  @Test
  void batchesInAnyOrderOverTwoGatewaysStoreEachJudgmentOnceAndNeverWaitForEachOther()
      throws Exception {
    int tasks = 60;
    Labeler anna = new Labeler("acme", "anna");
    StoreSettings.Held roomy = new StoreSettings.Held(tasks, tasks);
    try (JdbcLabels one =
            JdbcLabels.open(
                settings().withHeld(roomy), InstantSource.system(), new SecureRandom());
        JdbcLabels two = open()) {
      one.ask(Comparisons.some("c", tasks));
      List<Submitted> batch = new ArrayList<>();
      for (Lease lease : leases(one, anna, tasks)) {
        batch.add(new Submitted(anna, submission(lease, 0)));
      }
      List<Submitted> backwards = new ArrayList<>(batch);
      Collections.reverse(backwards);
      ExecutorService threads = Executors.newFixedThreadPool(4);
      List<Future<List<JudgeOutcome>>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        JdbcLabels gateway = i % 2 == 0 ? one : two;
        List<Submitted> mine = i < 2 ? batch : backwards;
        answers.add(threads.submit(() -> gateway.judgeAll(mine)));
      }
      long recorded = 0;
      for (Future<List<JudgeOutcome>> answer : answers) {
        List<JudgeOutcome> outcomes = answer.get();
        assertThat(outcomes)
            .hasSize(tasks)
            .allMatch(
                outcome ->
                    outcome instanceof JudgeOutcome.Recorded
                        || outcome instanceof JudgeOutcome.Repeated);
        recorded += outcomes.stream().filter(JudgeOutcome.Recorded.class::isInstance).count();
      }
      threads.shutdown();
      assertThat(recorded).isEqualTo(tasks);
      assertThat(two.labelsAfter(0, 1000)).hasSize(tasks);
    }
  }

  @Test
  void twoGatewaysShareSecretsFlagsLabelersAndTheRuleOfSilence() {
    Labeler anna = new Labeler("acme", "anna");
    Labeler ben = new Labeler("acme", "ben");
    Labeler otto = new Labeler("other", "otto");
    Stores.Hand clock = new Stores.Hand();
    StoreSettings few = settings().withLabelersPerVendor(2);
    try (JdbcLabels one = JdbcLabels.open(few, clock, new SecureRandom());
        JdbcLabels two = JdbcLabels.open(few, clock, new SecureRandom())) {
      assertThat(one.secret("sessions")).hasSize(32).isEqualTo(two.secret("sessions"));
      one.ask(Comparisons.some("c", 1));
      Lease first = leases(one, anna, 1).get(0);
      assertThat(leases(two, ben, 1)).isEmpty();
      clock.forward(Duration.ofSeconds(60));
      Lease second = leases(two, ben, 1).get(0);
      assertThat(second.epoch()).isEqualTo(2);
      assertThat(two.extend(new Holder("acme", "anna", true), first.leaseId()))
          .isInstanceOf(ExtendOutcome.Extended.class);
      Remark remark = new Remark("HARMFUL", "");
      assertThat(one.flag(ben, second.task().taskId(), remark)).isEqualTo(TaskOutcome.DONE);
      assertThat(two.flag(anna, first.task().taskId(), remark)).isEqualTo(TaskOutcome.DONE);
      assertThat(two.lease(new Labeler("acme", "carl"), 1))
          .isEqualTo(new LeaseOutcome.TooManyLabelers());
      Lease third = leases(two, otto, 1).get(0);
      assertThat(two.flag(otto, third.task().taskId(), remark)).isEqualTo(TaskOutcome.DONE);
      assertThat(one.claimable()).isZero();
      assertThat(one.status().judged()).isEqualTo(1);
    }
  }

  @Test
  void aStoppedRunOfTheFirstSchemaIsStillStoppedAndCanBeResumed() throws SQLException {
    Flyway.configure()
        .dataSource(url, "plaudit", "")
        .locations(Dialect.POSTGRESQL.migrations())
        .target("1")
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection(url, "plaudit", "");
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE line SET stopped = TRUE, reason = 'the texts are bad'");
      statement.execute(
          "INSERT INTO label_event (at, kind, detail) VALUES (LOCALTIMESTAMP, 'LINE_STOPPED',"
              + " '{}')");
    }
    try (JdbcLabels labels = open()) {
      assertThat(labels.stopReason()).contains("the texts are bad");
      labels.resumeRun(new Labeler("acme", "anna"), "looked at");
      assertThat(labels.stopReason()).isEmpty();
      assertThat(labels.ask(Comparisons.some("c", 2))).isEqualTo(2);
    }
    try (Connection connection = DriverManager.getConnection(url, "plaudit", "");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT COUNT(*) FROM label_event WHERE kind IN ('RUN_STOPPED', 'RUN_RESUMED')")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getInt(1)).isEqualTo(2);
    }
  }

  /** Several gateways have applied these files: their text is fixed. */
  @Test
  void theMigrationsOfEarlierReleasesAreUnchanged() {
    assertThat(
            Flyway.configure()
                .dataSource(url, "plaudit", "")
                .locations(Dialect.POSTGRESQL.migrations())
                .load()
                .info()
                .all())
        .extracting(MigrationInfo::getChecksum)
        .startsWith(CHECKSUMS);
  }

  private static void labelWhileThereIsWork(JdbcLabels labels, Labeler labeler) {
    List<Lease> leases = leases(labels, labeler, 3);
    while (!leases.isEmpty() || labels.claimable() > 0) {
      for (Lease lease : leases) {
        assertThat(labels.judge(labeler, submission(lease, 0), Optional.empty()))
            .isInstanceOf(JudgeOutcome.Recorded.class);
      }
      leases = leases(labels, labeler, 3);
    }
  }

  private static List<Lease> leases(JdbcLabels labels, Labeler labeler, int max) {
    return ((LeaseOutcome.Granted) labels.lease(labeler, max)).leases();
  }

  private static Submission submission(Lease lease, int choice) {
    return new Submission(
        lease.leaseId(),
        lease.epoch(),
        new SubmittedChoice.Chosen(lease.task().choices().get(choice).choiceId()),
        null,
        5L,
        null,
        null);
  }

  private JdbcLabels open() {
    return JdbcLabels.open(settings(), InstantSource.system(), new SecureRandom());
  }

  private StoreSettings settings() {
    StoreSettings defaults = StoreSettings.from(ConfigFactory.load());
    return new StoreSettings(
        url,
        "plaudit",
        "",
        3,
        1,
        StoreSettings.Repeats.NONE,
        defaults.lease(),
        defaults.extensions(),
        defaults.amend(),
        defaults.flags(),
        defaults.keys(),
        defaults.offerAgain(),
        defaults.held(),
        defaults.labelersPerVendor());
  }

  /** PostgreSQL refuses to run as root. */
  private static Process process(boolean root, String command) throws IOException {
    List<String> line =
        root
            ? List.of(
                "setpriv",
                "--reuid=postgres",
                "--regid=postgres",
                "--clear-groups",
                "sh",
                "-c",
                command)
            : List.of("sh", "-c", command);
    return new ProcessBuilder(line)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitPort(int port) throws InterruptedException {
    TestGateway.await(
        "PostgreSQL at port " + port,
        () -> {
          try (Connection connection = DriverManager.getConnection(url, "plaudit", "")) {
            return connection.isValid(5);
          } catch (SQLException e) {
            return false;
          }
        });
  }
}
