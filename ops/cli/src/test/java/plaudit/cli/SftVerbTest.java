package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.language.BpeTrainer;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.Tokenizer;
import plaudit.model.Weights;
import plaudit.node.run.MetricsLog;

/** The verb with a model of a few thousand parameters. */
class SftVerbTest {

  @TempDir private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeAModelAndPairs() throws IOException {
    Path vocabulary = Files.createDirectory(dir.resolve("vocabulary"));
    BpeTrainer.train(List.of("x x").iterator(), BpeTrainer.Settings.ofSize(257)).write(vocabulary);
    try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
      ModelConfig config = ModelConfig.gpt2(1, 2, 16, 96, tokenizer.vocabSize());
      try (Weights weights = FreshWeights.of(config, 1, Compute.cpu(1))) {
        var specs = Layout.of(config);
        ModelDirectory.write(
            dir.resolve("model"),
            config,
            spec -> weights.copy(specs.indexOf(spec)),
            List.of(),
            Dtype.F32,
            vocabulary);
      }
    }
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      char letter = (char) ('a' + i % 5);
      pairs.add(
          "{\"query\": \"%d: say %s\", \"response\": \"%s%s\"}"
              .formatted(i, letter, letter, letter));
    }
    Files.write(dir.resolve("pairs.jsonl"), pairs);
  }

  @Test
  void aSweepKeepsTheBestRateAsAModelWithACardAndItsMetrics() throws IOException {
    assertThat(sft("--data", path("pairs.jsonl"), "--sweep", "2", "--json", "sft.epochs=3"))
        .as(err.toString())
        .isZero();

    JsonNode summary = new ObjectMapper().readTree(out.toString());
    assertThat(summary.path("complete").asBoolean()).isTrue();
    assertThat(summary.path("tried")).hasSize(2);
    double best =
        Math.min(
            summary.path("tried").path(0).path("loss").asDouble(),
            summary.path("tried").path(1).path("loss").asDouble());
    assertThat(summary.path("loss").asDouble()).isEqualTo(best);
    assertThat(best).isLessThan(summary.path("untouchedLoss").asDouble());
    Path tuned = dir.resolve("tuned");
    assertThat(ModelDirectory.open(tuned).config().context()).isEqualTo(96);
    assertThat(tuned.resolve("README.md"))
        .content()
        .contains("| dropout | 0.1 |", "50 to train on, 10 held out", "chosen");
    assertThat(MetricsLog.read(tuned.resolve("metrics.jsonl")))
        .hasSize(2 * (3 * 7 + 1))
        .allSatisfy(line -> assertThat(line).containsKey("sft/learning_rate"));
    assertThat(run("generate", "--model", tuned.toString(), "--prompt", "say a")).isZero();
  }

  @Test
  void plainTextIsLearntTokenByToken() throws IOException {
    Files.writeString(dir.resolve("text.txt"), "abcdefgh ".repeat(500));

    assertThat(sft("--data", path("text.txt"), "--learning-rate", "1e-2", "sft.epochs=4"))
        .as(err.toString())
        .isZero();

    assertThat(err.toString()).contains("plain text, loss on every token");
    assertThat(dir.resolve("tuned/model.safetensors")).exists();
  }

  @Test
  void aLossThatIsNoNumberEndsTheJobAndKeepsItsDirectory() throws IOException {
    assertThat(
            sft(
                "--data",
                path("pairs.jsonl"),
                "--learning-rate",
                "1e30",
                "sft.epochs=9",
                "sft.save-every=0s"))
        .isEqualTo(1);

    assertThat(err.toString())
        .contains("plaudit: TrainingDivergedException: loss at step")
        .contains("with learning rate 1.0E30");
    assertThat(dir.resolve("tuned")).doesNotExist();
    assertThat(only(dir.resolve("runs")).resolve("checkpoints/checkpoint.safetensors")).exists();
  }

  @Test
  void aJobGoesOnWhereItStopped() throws IOException {
    // It diverged at this rate; the job is resumed with another.
    sft("--data", path("pairs.jsonl"), "--learning-rate", "1e30", "sft.epochs=9");
    Path stopped = only(dir.resolve("runs"));

    assertThat(run("sft", "--resume", stopped.toString(), "--learning-rate", "1e-3"))
        .as(err.toString())
        .isZero();

    assertThat(dir.resolve("tuned/model.safetensors")).exists();
    assertThat(MetricsLog.read(dir.resolve("tuned/metrics.jsonl")))
        .as("those of both parts")
        .anySatisfy(line -> assertThat(line.get("sft/learning_rate")).isEqualTo(1e30))
        .anySatisfy(line -> assertThat(line).containsKey("sft/validation_loss"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--sweep 2 --learning-rate 1e-4 | sft: expected either --sweep or --learning-rate",
        "--dropout 1 | dropout: 1.0 (expected: >= 0 and < 1)",
        "--learning-rate 0 | learning-rate: 0.0 (expected: > 0)",
        "--sweep 0 | rates of a sweep: 0 (expected: >= 2)",
        "sft.loss=most | plaudit.sft.loss: most (expected: auto, responses or text)",
        "sft.validation=0 | plaudit.sft.validation: 0 (expected: >= 1)",
        "sft.batch=0 | batch: 0 (expected: >= 1)",
      })
  void whatMakesNoSenseIsRefusedInOneLine(String arguments, String message) {
    List<String> all = new ArrayList<>(List.of("--data", path("pairs.jsonl")));
    all.addAll(Arrays.asList(arguments.split(" ")));

    assertThat(sft(all.toArray(String[]::new))).isEqualTo(2);

    assertThat(err.toString()).isEqualTo("plaudit: " + message + "\n");
  }

  @Test
  void whatIsThereIsNotWrittenOver() throws IOException {
    Files.createDirectory(dir.resolve("tuned"));

    assertThat(sft("--data", path("pairs.jsonl"))).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            "plaudit: --out: "
                + dir.resolve("tuned")
                + " (expected: a directory that does not exist yet)\n");
  }

  @Test
  void dataWithoutAnswersIsRefusedIfAnswersAreAskedFor() throws IOException {
    Files.writeString(dir.resolve("text.txt"), "one\ntwo\nthree\n");

    assertThat(sft("--data", path("text.txt"), "sft.loss=responses")).isEqualTo(2);

    assertThat(err.toString()).startsWith("plaudit: answers in " + path("text.txt") + ": none");
  }

  private int sft(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("sft", "--model", path("model"), "--out", path("tuned"), "sft.batch=8"));
    arguments.addAll(
        List.of("run.directory=" + path("runs"), "run.free-space=1MiB", "sft.threads=1"));
    arguments.addAll(Arrays.asList(more));
    return run(arguments.toArray(String[]::new));
  }

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }

  private String path(String name) {
    return dir.resolve(name).toString();
  }

  private static Path only(Path parent) throws IOException {
    try (Stream<Path> children = Files.list(parent)) {
      List<Path> all = children.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }
}
