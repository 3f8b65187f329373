package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.JdbcLabels;
import plaudit.language.BpeTrainer;
import plaudit.model.Dtype;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;
import plaudit.node.Job;
import plaudit.node.config.RunConfig;
import plaudit.node.labels.LabelExport;
import plaudit.node.labels.RunLabels;

/** Label files from end to end: the verbs as a user calls them, and an offline run. */
class LabelFilesTest {

  private static final Path ROOT = Path.of(System.getProperty("plaudit.root", ".."));
  private static final int ROWS = 240;

  @TempDir private Path directory = Path.of("");
  private Path model = Path.of("");
  private Path labels = Path.of("");

  @BeforeEach
  void makeAModelAndLabels() throws Exception {
    Path vocabulary = Files.createDirectory(directory.resolve("vocabulary"));
    List<String> texts = Files.readAllLines(ROOT.resolve("ops/data/openings/prompts.txt"));
    BpeTrainer.train(texts.iterator(), BpeTrainer.Settings.ofSize(400)).write(vocabulary);
    model = directory.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
      ModelConfig config = ModelConfig.gpt2(1, 2, 16, 96, tokenizer.vocabSize());
      Random random = new Random(5);
      ModelDirectory.write(
          model, config, spec -> random(spec, random), List.of(), Dtype.F32, vocabulary);
    }
    labels = labelsThatLikeGood();
  }

  /** Made data with a rule that can be learnt: the response that ends with "good" is chosen. */
  private Path labelsThatLikeGood() throws Exception {
    Random random = new Random(1);
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      boolean first = random.nextBoolean();
      rows.add(
          "{\"query\": \"It was number %d and\", \"sample0\": \" it was %s\", \"sample1\": \" it was %s\", \"best\": %d, \"theme\": \"t%d\"}"
              .formatted(
                  i, first ? "good" : "poor", first ? "poor" : "good", first ? 0 : 1, i % 12));
    }
    return Files.write(directory.resolve("labels.jsonl"), rows);
  }

  @Test
  void aRewardModelLearnsARuleFromAFileAndIsMeasuredOnTopicsItNeverSaw() throws Exception {
    Path reward = directory.resolve("reward");
    Ran train =
        Ran.plaudit(directory, train(reward, "reward.learning-rate=5e-3", "reward.epochs=4"));
    assertThat(train.code()).as(train.err()).isZero();
    assertThat(train.err()).contains("12 groups", "right (95% CI");

    JsonNode metrics = new ObjectMapper().readTree(reward.resolve("metrics.json").toFile());
    assertThat(metrics.path("held_out_groups")).hasSizeBetween(2, 3);
    assertThat(metrics.path("held_out").path("accuracy_low").asDouble()).isGreaterThan(.5);
    assertThat(reward.resolve("README.md")).content().contains("# Reward model", "best-of-n");

    Ran eval =
        Ran.plaudit(
            directory,
            "reward",
            "eval",
            "--reward",
            reward.toString(),
            "--labels",
            labels.toString(),
            "--only",
            "held-out",
            "--json");
    assertThat(eval.code()).as(eval.err()).isZero();
    JsonNode numbers = new ObjectMapper().readTree(eval.out());
    assertThat(numbers.path("rows")).isEqualTo(metrics.path("held_out").path("rows"));
    assertThat(numbers.path("accuracy").asDouble())
        .isEqualTo(metrics.path("held_out").path("accuracy").asDouble());
    assertThat(numbers.path("chance").asDouble()).isEqualTo(.5);
  }

  @Test
  void aTrainingThatDivergesIsOneLineAndLeavesNothing() throws Exception {
    Path reward = directory.resolve("reward");

    Ran train = Ran.plaudit(directory, train(reward, "reward.learning-rate=1e30"));

    assertThat(train.code()).isEqualTo(2);
    assertThat(train.err().lines().reduce((a, b) -> b).orElseThrow())
        .startsWith("plaudit: ")
        .contains("reward.learning-rate");
    try (var left = Files.list(directory)) {
      assertThat(left).noneMatch(path -> path.toString().contains("reward"));
    }
  }

  @Test
  void rowsThatTheLossCannotLearnFromAreNamed() throws Exception {
    Ran train = Ran.plaudit(directory, train(directory.resolve("reward"), "reward.loss=rating"));

    assertThat(train.code()).isEqualTo(2);
    assertThat(train.err()).contains("labels.jsonl: line 1: a choice (expected: score");
  }

  @Test
  void anOfflineRunTrainsOnAFileWithoutAnyPersonAndItsLabelsComeOutAgain() throws Exception {
    List<String> settings =
        List.of(
            "run.model=\"" + model + "\"",
            "run.data=\"" + ROOT.resolve("ops/data/openings") + "\"",
            "run.directory=\"" + directory.resolve("runs") + "\"",
            "run.labels=\"" + labels + "\"",
            "run.free-space=1 MiB",
            "vendor.labelers=0",
            "vendor.lexicon=\"\"",
            "gateway.port=0",
            "telemetry.port=0",
            "task.query-length=24",
            "task.response-length=8",
            "task.truncate-token=\"\"",
            "task.truncate-after=0",
            "policy.batch=8",
            "policy.updates=2",
            "policy.lora.rank=2",
            "run.output.dtype=bf16",
            "run.output.shard-size=1k",
            "run.output.licence=mit",
            "experience.grant-prompts=4",
            "reward.normalise.samples=16",
            "reward.labels.before-start=" + ROWS,
            "reward.labels.total=" + ROWS);
    Job.Result result =
        new Job(RunConfig.load("quickstart", settings), new PrintWriter(new StringWriter()))
            .start();

    assertThat(result.complete()).isTrue();
    Path run = result.directory();
    try (RunLabels store = RunLabels.open(run, java.time.InstantSource.system())) {
      JdbcLabels judged = store.store();
      assertThat(judged.status().preferences()).isEqualTo(ROWS);
      assertThat(judged.status().open()).isZero();
      assertThat(LabelExport.labels(judged))
          .allMatch(label -> label.judgment().labeler().equals("import"));
    }
    assertThat(ModelDirectory.open(run.resolve("reward")).extra("reward_head.weight")).isPresent();
    assertThat(ModelDirectory.open(run.resolve("policy")).extra("value_head.weight")).isPresent();
    assertThat(run.resolve("policy"))
        .isDirectoryContaining("glob:**/model-00002-of-*.safetensors")
        .isDirectoryContaining("glob:**/generation_config.json")
        .isDirectoryContaining("glob:**/tokenizer_config.json");
    assertThat(run.resolve("policy/README.md"))
        .content()
        .startsWith("---\nlicense: mit\n")
        .contains("base_model: \"" + model + "\"", "Weights are BF16.");
    assertThat(run.resolve("adapter"))
        .isDirectoryContaining("glob:**/adapter_model.safetensors")
        .isDirectoryContaining("glob:**/adapter_config.json");
    assertThat(run.resolve("tensorboard")).isNotEmptyDirectory();

    Ran again =
        Ran.plaudit(
            directory, "labels", "import", "--labels", labels.toString(), "--run", run.toString());
    assertThat(again.out()).contains(ROWS + " rows, 0 of them new");
    Path release = directory.resolve("release.json");
    assertThat(
            Ran.plaudit(
                    directory,
                    "labels",
                    "export",
                    "--run",
                    run.toString(),
                    "--format",
                    "release",
                    "--out",
                    release.toString())
                .code())
        .isZero();
    assertThat(new ObjectMapper().readTree(release.toFile())).hasSize(ROWS);
    Path reward = directory.resolve("reward");
    Ran train =
        Ran.plaudit(
            directory,
            "reward",
            "train",
            "--model",
            model.toString(),
            "--labels",
            release.toString(),
            "--out",
            reward.toString(),
            "reward.normalise.samples=16");
    assertThat(train.code()).as(train.err()).isZero();
  }

  private String[] train(Path out, String... settings) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "reward",
                "train",
                "--model",
                model.toString(),
                "--labels",
                labels.toString(),
                "--out",
                out.toString(),
                "--group-by",
                "theme",
                "reward.normalise.samples=32"));
    args.addAll(List.of(settings));
    return args.toArray(String[]::new);
  }

  private static ByteBuffer random(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean norm = spec.name().matches(".*ln_\\w+\\.weight");
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(norm ? 1 : (float) (0.1 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}
