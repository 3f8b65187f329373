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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.language.BpeTrainer;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.Tokenizer;
import plaudit.model.Weights;

/** Each benchmark, as short as it can be: that it runs and what it says, not how fast it is. */
class BenchTest {

  private static final Path ROOT = Path.of(System.getProperty("plaudit.root", ".."));

  @TempDir private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void somethingMustBeNamed() {
    assertThat(run(List.of("bench"))).isEqualTo(2);
    assertThat(err.toString()).contains("control-plane", "async");
  }

  @Test
  void theControlPlaneIsMeasuredAndDrawn() throws IOException {
    Path svg = dir.resolve("curve.svg");

    JsonNode points =
        json(
            List.of(
                "control-plane",
                "--samplers=1,2",
                "--seconds=0.2",
                "--batch=8",
                "--grant=4",
                "--generation=0.02",
                "--scoring=0.002",
                "--update=0.02",
                "--svg=" + svg));

    assertThat(points).hasSize(2);
    assertThat(points.get(1).get("samplers").asInt()).isEqualTo(2);
    assertThat(points.get(1).get("measured").get("throughput").asDouble()).isPositive();
    assertThat(svg).content().contains("ideal", "measured");
  }

  @Test
  void aRateThatCannotBeReachedFailsTheCheck() {
    List<String> arguments =
        List.of(
            "bench",
            "control-plane",
            "--samplers=1",
            "--seconds=0.1",
            "--batch=4",
            "--grant=4",
            "--generation=0.01",
            "--update=0.01",
            "--at-least=10");

    assertThat(run(arguments)).isEqualTo(1);
  }

  @Test
  void silenceNeedsParties() {
    assertThat(run(List.of("bench", "silence", "--parties=0", "--directory=" + dir))).isEqualTo(2);
    assertThat(err.toString()).isEqualTo("plaudit: --parties: 0 (expected: 1 to 100)\n");
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  void weightsGoThroughTheServer() throws IOException {
    JsonNode figures = json(List.of("weights", "--mib=1", "--versions=2", "--directory=" + dir));

    assertThat(figures.get("fetchSeconds").asDouble()).isPositive();
    try (var left = Files.list(dir)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aModelIsTimedInWritingAndInLearning() throws IOException {
    String model = "--model=" + tinyModel();
    List<String> small = List.of("--seconds=0.05", "task.response-length=4", "policy.batch=8");

    List<String> generate = new ArrayList<>(List.of("generate", model, "--grants=1,2"));
    generate.addAll(small);
    assertThat(json(generate).get(1).get("tokensPerSecond").asDouble()).isPositive();

    List<String> learn = new ArrayList<>(List.of("learn", model));
    learn.addAll(small);
    assertThat(json(learn).get("batches").asInt()).isPositive();
  }

  @Test
  void precisionsAreComparedOnAPage() throws IOException {
    Path page = dir.resolve("page.md");
    Files.writeString(page, "<!-- bench precision -->\n<!-- /bench precision -->\n");

    JsonNode rows =
        json(
            List.of(
                "precision",
                "--model=" + tinyModel(),
                "--precisions=exact,fp32",
                "--threads=1",
                "--grants=2",
                "--seconds=0.05",
                "--page=" + page,
                "task.response-length=4",
                "policy.batch=8"));

    assertThat(rows).hasSize(4);
    assertThat(rows.get(1).get("precision").asText()).isEqualTo("FP32");
    rows.forEach(row -> assertThat(row.get("tokensPerSecond").asDouble()).isPositive());
    assertThat(page).content().contains("| PPO update of 8 | 1 | exact |", "| sampling of 2 | 1 |");
  }

  @Test
  void sizesAreMeasuredOnAPage() throws IOException {
    Path page = dir.resolve("page.md");
    Files.writeString(page, "<!-- bench sizes -->\n<!-- /bench sizes -->\n");
    List<String> sizes =
        new ArrayList<>(
            List.of(
                "sizes",
                "--model=" + tinyModel(),
                "--size=8",
                "--seconds=0.05",
                "--page=" + page,
                "task.response-length=4"));

    JsonNode rows = json(Stream.concat(sizes.stream(), Stream.of("--shapes=shipped")).toList());

    assertThat(rows.get(0).at("/update/tokensPerSecond").asDouble()).isPositive();
    assertThat(rows.get(0).get("memory").asDouble()).isPositive();
    assertThat(page).content().contains("| shipped |");
  }

  /** The whole comparison with real runs in processes of their own, and again from what is kept. */
  @Test
  @Tag("slow")
  void runsAreComparedKeptAndForetold() throws IOException {
    Path page = dir.resolve("page.md");
    Files.writeString(page, "<!-- bench async -->\n<!-- /bench async -->\n");
    List<String> arguments =
        List.of(
            "async",
            "--model=" + tinyModel(),
            "--out=" + dir.resolve("out"),
            "--page=" + page,
            "--eta=1",
            "--vary=sampler.in-flight=keep-cache",
            "--seeds=1",
            "--updates=12",
            "--batch=8",
            "--labels=8",
            "task.query-length=24",
            "task.response-length=8",
            "experience.grant-prompts=4",
            "reward.normalise.samples=16",
            "run.free-space=1 MiB",
            "vendor.latency=1ms");

    JsonNode first = json(arguments);

    JsonNode row = first.get("rows").get(0);
    assertThat(row.get("eta").asInt()).isEqualTo(1);
    assertThat(row.get("throughput").get("mean").asDouble()).isPositive();
    assertThat(row.get("learnerBusy").get("mean").asDouble()).isBetween(0.0, 1.2);
    assertThat(row.get("staleness").get("mean").asDouble()).isBetween(0.0, 5.0);
    assertThat(page).content().contains("| 1 | keep-cache | 1 |", "images/page-time.svg");
    assertThat(dir.resolve("images/page-time.svg")).isRegularFile();
    assertThat(json(arguments)).as("kept, not run again").isEqualTo(first);
    List<String> otherwise = new ArrayList<>(List.of("bench"));
    otherwise.addAll(arguments);
    otherwise.add("task.temperature=1.0");
    assertThat(run(otherwise)).as("runs of other settings are not mixed").isEqualTo(2);

    out.getBuffer().setLength(0);
    String cell = dir.resolve("out/eta-1-keep-cache-seed-1").toString();
    int exit = run(List.of("plan", "--run", cell, "--check", "--json"));
    JsonNode check = new ObjectMapper().readTree(out.toString());
    assertThat(exit).isEqualTo(check.get("holds").asBoolean() ? 0 : 1);
    assertThat(check.get("check").get("played").get("throughput").asDouble()).isPositive();
  }

  private JsonNode json(List<String> bench) throws IOException {
    out.getBuffer().setLength(0);
    List<String> arguments = new ArrayList<>(List.of("bench"));
    arguments.addAll(bench);
    arguments.add("--json");
    assertThat(run(arguments)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  private int run(List<String> arguments) {
    return Main.run(
        new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
  }

  private Path tinyModel() throws IOException {
    Path vocabulary = Files.createDirectory(dir.resolve("vocabulary"));
    List<String> texts = Files.readAllLines(ROOT.resolve("ops/data/openings/prompts.txt"));
    BpeTrainer.train(texts.iterator(), BpeTrainer.Settings.ofSize(400)).write(vocabulary);
    Path model = dir.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
      ModelConfig config = ModelConfig.gpt2(1, 2, 16, 96, tokenizer.vocabSize());
      try (Weights weights = FreshWeights.of(config, 1, Compute.cpu(1))) {
        var specs = Layout.of(config);
        ModelDirectory.write(
            model,
            config,
            spec -> weights.copy(specs.indexOf(spec)),
            List.of(),
            Dtype.F32,
            vocabulary);
      }
    }
    return model;
  }
}
