package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real node tells collectors and supervisors. */
class HealthAndMetersTest {

  private static final int UNAVAILABLE = 75;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Endings of a name that say another unit than seconds, bytes, ratios or counts. */
  private static final Pattern NOT_A_BASE_UNIT =
      Pattern.compile(
          ".*_(ns|nanoseconds|us|ms|milliseconds|minutes|hours|days|kb|kib|mb|mib|gb|gib|kilobytes"
              + "|megabytes|bits|percent|percentage)(_total|_count|_sum|_max|_bucket)?");

  @TempDir private Path directory;

  @Test
  void everyFamilyOfARealNodeHasAHelpTextAndABaseUnitAndIsDocumented() throws Exception {
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeJvm node = cluster.learner("learner,gateway,sampler,scorer", 1_000);
      node.await("updates", PATIENCE, () -> node.meter("plaudit_policy_updates_total") >= 2);
      String text = node.page("/metrics").orElseThrow().body();

      Map<String, String> help = new TreeMap<>();
      Set<String> families = new TreeSet<>();
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ", 4);
        if (line.startsWith("# HELP ")) {
          help.put(words[2], words.length > 3 ? words[3].strip() : "");
        } else if (line.startsWith("# TYPE ")) {
          families.add(words[2]);
        }
      }
      assertThat(families).hasSizeGreaterThan(100);
      assertThat(families).allSatisfy(name -> assertThat(help.get(name)).as(name).isNotBlank());
      assertThat(families).noneMatch(name -> NOT_A_BASE_UNIT.matcher(name).matches());
      assertThat(families)
          .contains(
              "plaudit_build_info",
              "plaudit_cluster_members_nodes",
              "plaudit_journal_written_bytes_total",
              "plaudit_journal_force_seconds",
              "plaudit_policy_tripwires_total",
              "plaudit_store_commit_seconds",
              "plaudit_store_waiting_transactions",
              "plaudit_gateway_requests_seconds",
              "hikaricp_connections_pending",
              "executor_active_threads",
              "executor_queued_tasks");
      assertThat(text)
          .contains(
              "name=\"pekko.actor.default-dispatcher\"",
              "name=\"pekko.actor.internal-dispatcher\"",
              "name=\"plaudit.gateway.blocking-dispatcher\"",
              "name=\"plaudit.experience.blocking-dispatcher\"")
          .contains("plaudit_gateway_requests_seconds_bucket{");
    }
  }

  @Test
  void aNodeWhoseLabelFileIsGoneStoresNothingAndIsToBeRestarted() throws Exception {
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeJvm node = cluster.learner("learner,gateway", 3, "vendor.labelers=0");
      node.await("it is ready", PATIENCE, () -> status(node, "/readyz") == 200);
      assertThat(status(node, "/healthz")).isEqualTo(200);
      Path run = cluster.runs().get(0);
      Files.move(run.resolve("labels.sqlite"), run.resolve("elsewhere"));

      node.await("it is broken", PATIENCE, () -> status(node, "/healthz") == 503);
      assertThat(node.page("/healthz").orElseThrow().body())
          .contains("labels.sqlite was deleted or replaced while it was open");

      Files.move(run.resolve("elsewhere"), run.resolve("labels.sqlite"));
      node.await("it is whole again", PATIENCE, () -> status(node, "/healthz") == 200);
      Files.delete(run.resolve("lock"));
      assertThat(node.exit(PATIENCE)).as(node.output()).isEqualTo(UNAVAILABLE);
      assertThat(node.output()).contains("another process may have the run");
    }
  }

  private static int status(NodeJvm node, String path) {
    return node.page(path).map(answer -> answer.statusCode()).orElse(0);
  }
}
