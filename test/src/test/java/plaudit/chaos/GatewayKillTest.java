package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.labels.Comparison;
import plaudit.tokens.Tokens;

/** {@code kill -9} of gateways while people judge as fast as they can. */
@Tag("slow")
class GatewayKillTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int PEOPLE = 4;

  /** Between two requests: no thinking, but the other processes shall have their turn. */
  private static final Duration THINKING = Duration.ofMillis(2);

  private final List<NodeJvm> started = new ArrayList<>();
  private final int seed = NodeJvm.freePort();
  private int lives;

  @TempDir private Path directory;

  @AfterEach
  void killWhoIsLeft() {
    started.forEach(NodeJvm::close);
  }

  @Test
  void aGatewayWithItsLabelsInAFileKeepsWhatItAcknowledgedInSixLives(TestReporter reporter)
      throws Exception {
    judge(reporter, "jdbc:sqlite:" + directory.resolve("labels.sqlite"), 1, 2_000, 6);
  }

  @Test
  void ofTwoGatewaysOnPostgresOneCanAlwaysBeMissed(TestReporter reporter) throws Exception {
    Optional<Postgres> server = Postgres.start(directory);
    assumeTrue(server.isPresent(), "no PostgreSQL here: two gateways are not tested");
    try (Postgres postgres = server.orElseThrow()) {
      judge(reporter, postgres.url(), 2, 2_000, 6);
    }
  }

  /**
   * People judge {@code tasks} comparisons while one gateway after the other is killed and started
   * again.
   */
  private void judge(TestReporter reporter, String url, int gateways, int tasks, int kills)
      throws Exception {
    ask(url, tasks);
    List<Integer> doors = new ArrayList<>();
    List<NodeJvm> nodes = new ArrayList<>();
    for (int i = 0; i < gateways; i++) {
      doors.add(NodeJvm.freePort());
      nodes.add(gateway(url, i, doors.get(i)));
    }
    List<URI> addresses =
        doors.stream().map(port -> URI.create("http://127.0.0.1:" + port)).toList();
    SplittableRandom random = new SplittableRandom(Long.getLong("chaos.seeds", 1));
    Duration longest = Duration.ZERO;
    long repeats;
    try (PatientVendor people = new PatientVendor(addresses, PEOPLE, THINKING)) {
      people.allow(Integer.MAX_VALUE / 2);
      for (int i = 0; i < kills; i++) {
        int share = tasks / (kills + 1);
        int moment = share * i + 1 + random.nextInt(share);
        int victim = i % gateways;
        nodes
            .get(victim)
            .await("judgments", PATIENCE, () -> people.acknowledged().size() >= moment);
        nodes.get(victim).kill();
        int before = people.acknowledged().size();
        NodeJvm next = gateway(url, victim, doors.get(victim));
        nodes.set(victim, next);
        Duration gap =
            next.await("labels again", PATIENCE, () -> people.acknowledged().size() > before);
        next.await("serves", PATIENCE, () -> next.doing("gateway").equals("serving"));
        longest = gap.compareTo(longest) > 0 ? gap : longest;
      }
      nodes
          .get(0)
          .await("the last judgment", PATIENCE, () -> people.acknowledged().size() >= tasks);
      repeats = people.repeats();
      for (NodeJvm node : nodes) {
        node.terminate();
        node.exit(PATIENCE);
      }
      assertThat(Books.labels(url, Postgres.USER, people)).isEmpty();
    }
    try (JdbcLabels labels = open(url)) {
      assertThat(labels.status().preferences()).isEqualTo(tasks);
    }
    reporter.publishEntry(
        Map.of(
            "kill -9 to the next acknowledged judgment, longest", longest.toString(),
            "judgments sent again", Long.toString(repeats)));
  }

  private NodeJvm gateway(String url, int number, int door) throws Exception {
    List<String> settings =
        List.of(
            "cluster.seed-nodes=[\"127.0.0.1:" + seed + "\"]",
            "cluster.port=" + (number == 0 ? seed : 0),
            "gateway.port=" + door,
            "gateway.rate=100000",
            "gateway.burst=100000",
            "gateway.store.url=\"" + url + "\"",
            "gateway.store.lease=5s",
            "gateway.store.repeats.share=0",
            "gateway.vendors=[{name=acme, key=\"" + PatientVendor.KEY + "\"}]");
    NodeJvm node = NodeJvm.node(directory, "gateway." + lives++, "gateway", settings);
    started.add(node);
    return node;
  }

  private static void ask(String url, int tasks) {
    try (JdbcLabels labels = open(url)) {
      labels.ask(
          IntStream.range(0, tasks)
              .mapToObj(
                  i ->
                      new Comparison(
                          "q" + i,
                          Tokens.of(1, i),
                          "It was",
                          List.of(
                              new Comparison.Sample(Tokens.of(i, 1), "good", 0),
                              new Comparison.Sample(Tokens.of(i, 2), "bad", 0))))
              .toList());
    }
  }

  private static JdbcLabels open(String url) {
    Config config =
        ConfigFactory.parseMap(
                Map.of(
                    "plaudit.gateway.store.url", url, "plaudit.gateway.store.repeats.share", 0.0))
            .withFallback(ConfigFactory.load());
    return JdbcLabels.open(
        StoreSettings.from(config), InstantSource.system(), new SplittableRandom(1));
  }
}
