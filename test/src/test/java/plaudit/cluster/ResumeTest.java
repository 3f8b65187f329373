package plaudit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import plaudit.cli.JournalVerb;
import plaudit.cli.ReplayVerb;
import plaudit.endtoend.TinyModel;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalReader.Learned;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;

/** A run whose process is killed between two checkpoints goes on as if it had not been. */
class ResumeTest {

  private static final String ALL_ROLES = "learner,gateway,sampler,scorer";
  private static final int BATCH = 8;
  private static final int CHECKPOINT_EVERY = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
  }

  @Test
  void aKilledRunLearnsFromEachPromptOnceAndMakesTheSameVersionsAgain() throws Exception {
    killAt(7, 12);
    Path run = theRun();
    resume(run);
    itIsAsIfNothingHadHappened(run, 12);
    assertThat(new CommandLine(new JournalVerb()).execute(run.toString(), "--versions")).isZero();
    assertThat(new CommandLine(new ReplayVerb()).execute(run.toString())).as("replay").isZero();
  }

  @Test
  @Tag("slow")
  void itMayBeKilledAgainAndAgain() throws Exception {
    int updates = 40;
    killAt(8, updates);
    Path run = theRun();
    for (int version : new int[] {12, 13, 24, 31}) {
      killAt(run, version, updates);
    }
    resume(run);
    itIsAsIfNothingHadHappened(run, updates);
    assertThat(JournalReader.of(run).resumes()).isEqualTo(5);
  }

  /**
   * The shipped model, whose products are large enough to be computed in other ways: five kills at
   * moments that {@code -Dplaudit.seed} draws.
   */
  @Test
  @Tag("slow")
  void theShippedModelIsMadeAgainToTheBitWhereverItIsKilled() throws Exception {
    int updates = 14;
    SplittableRandom random = new SplittableRandom(Long.getLong("plaudit.seed", 1));
    try (TinyCluster cluster =
        new TinyCluster(Files.createDirectory(directory.resolve("shipped")), 1)) {
      List<Moment> moments =
          List.of(
              new Moment("learning", 1 + random.nextInt(CHECKPOINT_EVERY - 1)),
              new Moment("publishing", 3 + random.nextInt(2)),
              new Moment("checkpointing", 5),
              new Moment("waiting for a batch", 7 + random.nextInt(2)),
              new Moment("learning", 10 + random.nextInt(3)));
      NodeJvm node =
          cluster.learner(
              ALL_ROLES,
              updates,
              "run.model=\"" + TinyModel.ROOT.resolve("ops/models/novelist") + "\"",
              "experience.journal.keep=all",
              "experience.on-stale=wait",
              "policy.checkpoint-every=" + CHECKPOINT_EVERY);
      for (int i = 0; i < moments.size(); i++) {
        Moment moment = moments.get(i);
        NodeJvm life = node;
        node.await(
            moment.toString(),
            PATIENCE,
            () ->
                moment.isNow(
                    life.meter("plaudit_policy_updates_total"), life.doing("policy learner")));
        node.kill();
        node.exit(PATIENCE);
        node =
            cluster.verb(
                "life-" + (i + 2),
                List.of(
                    "node", "--roles", ALL_ROLES, "--resume", cluster.runs().get(0).toString()));
      }
      assertThat(node.exit(PATIENCE)).as(node.output()).isZero();
      Path run = cluster.runs().get(0);
      itIsAsIfNothingHadHappened(run, updates);
      assertThat(JournalReader.of(run).resumes()).isEqualTo(moments.size());
      assertThat(new CommandLine(new JournalVerb()).execute(run.toString(), "--versions")).isZero();
      assertThat(new CommandLine(new ReplayVerb()).execute(run.toString())).as("replay").isZero();
    }
  }

  /**
   * When a process dies: the policy learner does this, after so many updates. A phase may be
   * shorter than the time between two looks; an update later it dies in any case.
   */
  private record Moment(String phase, int update) {
    boolean isNow(double updates, String doing) {
      return updates > update || (updates == update && doing.equals(phase));
    }
  }

  private static void itIsAsIfNothingHadHappened(Path run, int updates) {
    JournalReader journal = JournalReader.of(run);
    assertThat(journal.whole()).isTrue();
    assertThat(journal.learned()).extracting(Learned::version).hasSize(updates);
    List<Long> prompts = journal.learned().stream().flatMap(v -> v.promptIds().stream()).toList();
    assertThat(prompts)
        .as("every prompt, once")
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, (long) updates * BATCH).boxed().toList());
    List<Learned> again =
        journal.learned().stream().filter(version -> version.digests().size() > 1).toList();
    assertThat(again).as("versions that were made more than once").isNotEmpty();
    assertThat(again)
        .allSatisfy(version -> assertThat(new HashSet<>(version.digests())).hasSize(1));
    assertThat(journal.rewards().values())
        .allSatisfy(digests -> assertThat(new HashSet<>(digests)).hasSize(1));
  }

  private void killAt(int version, int updates) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("run", "--config", "quickstart"));
    arguments.addAll(settings(updates));
    killAt(arguments, version, () -> true);
  }

  private void killAt(Path run, int version, int updates) throws Exception {
    int resumes = JournalReader.of(run).resumes();
    killAt(
        List.of("run", "--resume", run.toString(), "policy.updates=" + updates),
        version,
        () -> JournalReader.of(run).resumes() > resumes);
  }

  /** Ends a run's process when it has published {@code version}, which is no checkpoint's. */
  private void killAt(List<String> arguments, int version, BooleanSupplier begun) throws Exception {
    try (NodeJvm process = NodeJvm.start(directory, "run-" + version, arguments)) {
      process.await("version " + version, PATIENCE, () -> isThere(version) && begun.getAsBoolean());
      process.kill();
      process.exit(PATIENCE);
    }
  }

  private boolean isThere(int version) {
    try {
      return JournalReader.of(theRun()).learned().stream()
          .anyMatch(made -> made.version() >= version && !made.digests().isEmpty());
    } catch (IOException | IllegalStateException e) {
      return false; // not yet
    }
  }

  private void resume(Path run) throws InterruptedException {
    Job.Result result =
        new Job(RunConfig.load(run.resolve("config.conf").toString(), List.of()), silent())
            .resume(run);
    assertThat(result.complete()).isTrue();
  }

  private List<String> settings(int updates) {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.addAll(
        List.of(
            "telemetry.port=0",
            "experience.journal.keep=all",
            "experience.eta=2",
            "experience.max-staleness=" + updates,
            "policy.checkpoint-every=" + CHECKPOINT_EVERY));
    return settings;
  }

  private Path theRun() throws IOException {
    try (Stream<Path> runs = Files.list(directory.resolve("runs"))) {
      return runs.findFirst().orElseThrow(() -> new IllegalStateException("no run yet"));
    }
  }

  private static PrintWriter silent() {
    return new PrintWriter(new StringWriter());
  }
}
