package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.ModelDirectory;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;
import plaudit.node.run.MetricsLog;
import plaudit.node.run.RunDirectory;

/** The whole of it with a tiny random model: real actors, real HTTP, a real database file. */
class EndToEndTest {

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void makeATinyModel() throws Exception {
    model = TinyModel.in(directory);
  }

  @Test
  void labelsOverHttpTrainARewardModelAndThatTrainsThePolicy() throws Exception {
    Job.Result result = job(3).start();

    assertThat(result.complete()).isTrue();
    assertThat(result.alarm()).isFalse();
    assertThat(result.verdict()).isPresent();
    Path run = result.directory();
    List<Map<String, Number>> metrics = MetricsLog.read(run.resolve("metrics.jsonl"));
    List<Map<String, Number>> updates =
        metrics.stream().filter(line -> line.containsKey("update")).toList();
    assertThat(updates).hasSize(3);
    assertThat(number(updates.get(0), "objective/kl")).isBetween(-1e-4, 1e-4);
    assertThat(number(updates.get(0), "policy/logprob_gap")).isLessThan(1e-5);
    assertThat(updates)
        .allSatisfy(
            line -> assertThat(number(line, "async/staleness_max")).isLessThanOrEqualTo(4.0));
    assertThat(metrics).anySatisfy(line -> assertThat(line).containsKey("reward/labels"));
    assertThat(ModelDirectory.open(run.resolve("policy")).config().vocabulary())
        .isEqualTo(ModelDirectory.open(model).config().vocabulary());
    assertThat(ModelDirectory.open(run.resolve("reward")).extra("reward_head.weight")).isPresent();
    assertThat(run.resolve("report.html")).content().contains("KL from the base");
    assertThat(run.resolve("labels.sqlite")).isRegularFile();
  }

  @Test
  void aRunGoesOnFromItsCheckpointAndSaysAndKeepsWhatIsChanged() throws Exception {
    Path run = job(2).start().directory();
    StringWriter said = new StringWriter();

    Job.Result resumed =
        new Job(RunDirectory.settings(run, List.of("policy.updates=4")), new PrintWriter(said))
            .resume(run);

    assertThat(resumed.complete()).isTrue();
    assertThat(
            MetricsLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.containsKey("update"))
                .map(line -> number(line, "update")))
        .containsExactly(1.0, 2.0, 3.0, 4.0);
    assertThat(said.toString())
        .contains("plaudit.policy.updates: 2 -> 4", "learning rate of update 3: 0.00 -> ");
    assertThat(RunDirectory.settings(run, List.of()).config().getInt("plaudit.policy.updates"))
        .isEqualTo(4);
  }

  @Test
  void aRunIsNotResumedWithWhatWouldMakeItAnother() throws Exception {
    Path run = job(1).start().directory();
    Path others = directory.resolve("others.txt");
    Files.write(
        others,
        IntStream.range(0, 12)
            .mapToObj(day -> "On day " + day + " she looked at the sea and said nothing.")
            .toList());

    assertRefused(run, "run.seed=2", "plaudit.run.seed: 2 (expected: 1)");
    assertRefused(run, "task.temperature=1", "plaudit.task.temperature: 1 (expected: 0.7)");
    assertRefused(run, "policy.learning-rate=1", "plaudit.policy.learning-rate: 1 (expected: ");
    assertRefused(run, "experience.eta=2", "plaudit.experience.eta: 2 (expected: 1)");
    assertRefused(run, "policy.batch=16", "plaudit.policy.batch: 16 (expected: 8)");
    assertRefused(run, "run.data=\"" + others + "\"", "plaudit.run.data: prompts: ");
  }

  @Test
  void aSettingOfAnyPartIsRefusedBeforeAnythingIsComputed() {
    List<String> wrong =
        List.of(
            "policy.batch=0",
            "reward.attempts=0",
            "reward.labels.before-start=0",
            "reward.loss=rating",
            "experience.eta=-1",
            "sampler.unacknowledged=0",
            "gateway.store.repeats.share=2");
    for (String setting : wrong) {
      StringWriter said = new StringWriter();
      List<String> settings = new ArrayList<>(TinyModel.run(model, directory, 1));
      settings.add(setting);
      assertThatThrownBy(
              () -> new Job(RunConfig.load("quickstart", settings), new PrintWriter(said)).start())
          .as(setting)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("plaudit." + setting.replaceFirst("=.*", ""));
      assertThat(said.toString()).as(setting).isEmpty();
    }
  }

  private static void assertRefused(Path run, String override, String why) {
    assertThatThrownBy(
            () -> new Job(RunDirectory.settings(run, List.of(override)), silent()).resume(run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(why)
        .hasMessageEndingWith("the run was begun with these values");
  }

  /** Groups, adapters and the whole loop: what later algorithms need beyond the paper's. */
  @Test
  void responsesToOnePromptAreComparedThroughTheWholeLoop() throws Exception {
    Job.Result result =
        job(2, "policy.algorithm=rloo", "policy.group=4", "policy.lora.rank=2").start();

    assertThat(result.complete()).isTrue();
    List<Map<String, Number>> updates =
        MetricsLog.read(result.directory().resolve("metrics.jsonl")).stream()
            .filter(line -> line.containsKey("update"))
            .toList();
    assertThat(updates).hasSize(2);
    assertThat(updates)
        .allSatisfy(
            line -> {
              // Of a batch that an older version wrote there is none.
              assertThat(line.getOrDefault("policy/logprob_gap", 0.0).doubleValue())
                  .isLessThan(1e-5);
              assertThat(line).doesNotContainKey("loss/value");
            });
    assertThat(number(updates.get(0), "policy/logprob_gap")).isLessThan(1e-5);
    assertThat(ModelDirectory.open(result.directory().resolve("policy")).config().vocabulary())
        .isEqualTo(ModelDirectory.open(model).config().vocabulary());
  }

  private static double number(Map<String, Number> line, String key) {
    return line.getOrDefault(key, Double.NaN).doubleValue();
  }

  private Job job(int updates, String... more) {
    List<String> settings = new ArrayList<>(TinyModel.run(model, directory, updates));
    settings.add("telemetry.port=0");
    settings.add("learner.policy.precision=exact"); // log-probabilities are the sampler's
    settings.addAll(List.of(more));
    return new Job(RunConfig.load("quickstart", settings), silent());
  }

  private static PrintWriter silent() {
    return new PrintWriter(new StringWriter());
  }
}
