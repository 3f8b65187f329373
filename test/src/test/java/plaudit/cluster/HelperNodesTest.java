package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import plaudit.cli.ReplayVerb;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalReader.Learned;

/**
 * A run whose learner has helpers, each in a process of its own. That the weights are those of a
 * learner alone but for rounding, {@code DataParallelTest} shows over the same HTTP; that they are
 * those of one that repeats the run, a replay does.
 */
class HelperNodesTest {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final String COMPUTED = "plaudit_helper_computing_seconds_count";

  @TempDir private Path directory;
  private final StringWriter out = new StringWriter();

  @Test
  void helpersComputeAPartOfEachMinibatchAndOneThatIsKilledStopsNothing(TestReporter reporter)
      throws Exception {
    int updates = 8;
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeJvm learner =
          cluster.learner(
              "learner,gateway", updates, "policy.epochs=4", "experience.journal.keep=all");
      NodeJvm stays =
          cluster.node(
              "stays",
              "helper",
              "policy.epochs=4",
              "learner.policy.micro-batch=2",
              "learner.policy.threads=2");
      NodeJvm killed = cluster.node("killed", "helper", "policy.epochs=4");
      learner.await("both helpers are up", PATIENCE, () -> learner.up() == 3);
      cluster.node("worker", "sampler,scorer");

      killed.await("helps", PATIENCE, () -> killed.meter(COMPUTED) > 0);
      killed.kill();
      assertThat(learner.exit(PATIENCE)).as(learner.output()).isZero();

      Path run = cluster.runs().get(0);
      List<Map<String, Number>> lines = TinyCluster.updates(run);
      assertThat(lines).hasSize(updates);
      assertThat(lines).anyMatch(line -> number(line, "learner/helpers") > 1);
      Map<String, Number> last = lines.get(updates - 1);
      assertThat(number(last, "learner/helpers")).isEqualTo(1);
      // Four epochs over eight rows; each hand has one row of each at least.
      assertThat(number(last, "learner/rows_by_helpers")).isBetween(4.0, 28.0);
      assertThat(stays.meter(COMPUTED)).isGreaterThan(updates);
      reporter.publishEntry(
          "seconds a step with one helper, beside computing",
          Double.toString(number(last, "learner/exchange_seconds") / 4));

      assertThat(replay(run)).as(out.toString()).isZero();
      assertThat(shards(run)).isNotEmpty().allSatisfy(Files::delete);
      assertThat(replay(run)).as("without the record of who brought what").isOne();
      assertThat(out.toString()).contains("First difference: policy version", "other weights");
    }
  }

  @Test
  @Tag("slow")
  void aLearnerThatIsKilledMakesTheSameVersionsAgainWithoutThem() throws Exception {
    int updates = 40;
    try (TinyCluster cluster = new TinyCluster(directory, 1)) {
      NodeJvm learner =
          cluster.learner(
              "learner,gateway",
              updates,
              "experience.journal.keep=all",
              "experience.eta=2",
              "experience.max-staleness=" + updates,
              "policy.checkpoint-every=5");
      NodeJvm killed = cluster.node("killed", "helper");
      cluster.node("stays", "helper");
      learner.await("both helpers are up", PATIENCE, () -> learner.up() == 3);
      cluster.node("worker", "sampler,scorer");
      killed.await("helps", PATIENCE, () -> killed.meter(COMPUTED) > 4);
      killed.kill();
      learner.await("version 8", PATIENCE, () -> made(cluster) >= 8);
      learner.kill();

      Path run = cluster.runs().get(0);
      List<Path> before = shards(run);
      NodeJvm resumed =
          cluster.verb(
              "resumed", List.of("node", "--roles", "learner,gateway", "--resume", run.toString()));
      assertThat(resumed.exit(PATIENCE)).as(resumed.output()).isZero();

      assertThat(before).isNotEmpty();
      assertThat(shards(run))
          .as("some were shared after the kill")
          .hasSizeGreaterThan(before.size());
      List<Learned> again =
          JournalReader.of(run).learned().stream()
              .filter(version -> version.digests().size() > 1)
              .toList();
      assertThat(again).as("versions that were made more than once").isNotEmpty();
      assertThat(again)
          .allSatisfy(version -> assertThat(new HashSet<>(version.digests())).hasSize(1));
      assertThat(replay(run)).as(out.toString()).isZero();
    }
  }

  private static long made(TinyCluster cluster) {
    try {
      return JournalReader.of(cluster.runs().get(0)).learned().stream()
          .filter(version -> !version.digests().isEmpty())
          .mapToLong(Learned::version)
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> shards(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve(JournalReader.DIRECTORY))) {
      return files.filter(file -> file.toString().endsWith(".shards")).sorted().toList();
    }
  }

  private int replay(Path run) {
    CommandLine line = new CommandLine(new ReplayVerb());
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    return line.execute(run.toString());
  }

  private static double number(Map<String, Number> line, String name) {
    return line.getOrDefault(name, 0).doubleValue();
  }
}
