package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
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

/**
 * The mock study on a model of a few thousand parameters that writes bytes, under a critic who
 * likes the letter a and dislikes the letter z.
 */
class StudyVerbTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void makeAModelPromptsAndReviews() throws IOException {
    Path vocabulary = Files.createDirectory(dir.resolve("vocabulary"));
    BpeTrainer.train(List.of("x x").iterator(), BpeTrainer.Settings.ofSize(257)).write(vocabulary);
    try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
      ModelConfig config = ModelConfig.gpt2(1, 2, 16, 32, tokenizer.vocabSize());
      try (Weights weights = FreshWeights.of(config, 3, Compute.cpu(1))) {
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
    Path data = Files.createDirectory(dir.resolve("data"));
    Files.write(
        data.resolve("prompts.txt"),
        Stream.iterate(1, i -> i + 1).limit(40).map(i -> "say " + i).toList());
    Files.write(data.resolve("heldout.txt"), List.of("tell me", "go on", "what", "and so"));
    Random random = new Random(1);
    List<String> reviews = new ArrayList<>();
    for (int i = 0; i < 800; i++) {
      StringBuilder text = new StringBuilder();
      for (int letter = 0; letter < 40; letter++) {
        boolean clear = random.nextInt(3) > 0;
        text.append(clear ? (i % 2 == 1 ? 'a' : 'z') : (char) ('b' + random.nextInt(24)));
      }
      reviews.add("{\"label\": " + i % 2 + ", \"text\": \"" + text + "\"}");
    }
    Files.write(dir.resolve("reviews.jsonl"), reviews);
  }

  @Test
  void learningDirectlyRaisesTheRewardAndASecondCallMakesOnlyWhatIsMissing() throws IOException {
    assertThat(mock("study", "--only", "direct", "--only", "reference", "--json"))
        .as(err.toString())
        .isZero();

    JsonNode summary = MAPPER.readTree(out.toString());
    assertThat(summary.path("complete").asBoolean()).isTrue();
    assertThat(summary.path("classifier").path("accuracy").asDouble()).isGreaterThan(.9);
    JsonNode direct = result("study", "direct-seed1");
    assertThat(direct.path("points")).hasSize(30);
    double base = result("study", "reference-seed1").path("end").path("rs").asDouble();
    double deviation = summary.path("classifier").path("deviation").asDouble();
    assertThat(direct.path("end").path("rs").asDouble())
        .as("in log-odds, the reference's being %s", base)
        .isGreaterThan(base + 2 * deviation);
    assertThat(direct.path("end").path("kl").asDouble()).isPositive();
    assertThat(Files.readString(dir.resolve("study/offline.svg"))).contains("<svg", ">direct<");
    assertThat(Files.readString(dir.resolve("study/mock.md"))).contains("| direct | 1 |");

    Path first = dir.resolve("study/runs/direct-seed1.json");
    FileTime made = Files.getLastModifiedTime(first);
    err.getBuffer().setLength(0);
    assertThat(mock("study", "--only", "direct", "--only", "online-12")).isZero();

    assertThat(Files.getLastModifiedTime(first)).isEqualTo(made);
    assertThat(err.toString()).contains("online-12, seed 1").doesNotContain("direct, seed 1");
    JsonNode online = result("study", "online-12-seed1");
    assertThat(online.path("trainings").findValuesAsText("labels"))
        .as("a fourth of the labels and the one outstanding, then even steps")
        .hasSize(4)
        .startsWith("4", "5");
    assertThat(online.path("points").path(29).path("labels").asInt()).isBetween(11, 12);
  }

  @Test
  void theSameSeedGivesTheSameNumbersWhoeverRunsBesideIt() throws IOException {
    String[] both = {"--only", "offline-12", "--only", "no-kl", "policy.updates=6"};
    assertThat(mock("one", both)).as(err.toString()).isZero();
    assertThat(mock("two", with(both, "study.parallel=1"))).isZero();

    for (String run : List.of("offline-12-seed1", "no-kl-seed1")) {
      assertThat(result("two", run)).isEqualTo(result("one", run));
    }
    assertThat(result("one", "no-kl-seed1").path("points").path(5).path("beta").asDouble())
        .isZero();
  }

  @Test
  void resultsOfOtherSettingsAreNotMixed() {
    assertThat(mock("study", "--only", "reference")).as(err.toString()).isZero();
    err.getBuffer().setLength(0);

    assertThat(mock("study", "--only", "reference", "policy.learning-rate=1e-3")).isEqualTo(2);
    assertThat(err.toString()).contains("--out", "results of other settings");
  }

  @Test
  void aMissingFileABadOneAndAnUnknownArmAreTheUsersMistakes() throws IOException {
    Files.writeString(dir.resolve("bad.jsonl"), "{\"label\": 2, \"text\": \"x\"}\n");

    assertThat(study("study", "missing.jsonl")).isEqualTo(2);
    assertThat(study("study", "bad.jsonl")).isEqualTo(2);
    assertThat(study("study", "reviews.jsonl", "--only", "offline-13")).isEqualTo(2);
    assertThat(err.toString())
        .contains("missing.jsonl: no such file")
        .contains("bad.jsonl:1: label: 2 (expected: 0 or 1)")
        .contains("--only: offline-13 (expected: reference, direct, no-kl, offline-12");
  }

  @Test
  void withoutAModelTheShippedOneLearns() {
    String[] args = {
      "study", "mock", "--reviews", "missing.jsonl", "--out", dir.resolve("study").toString()
    };

    assertThat(Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args)).isEqualTo(2);
    assertThat(err.toString()).isEqualTo("plaudit: missing.jsonl: no such file\n");
  }

  @Test
  void aBadFileOfReviewsSpoilsNoDirectory() throws IOException {
    Files.writeString(dir.resolve("bad.jsonl"), "{\"label\": 1, \"text\": \"x\"}\n");
    assertThat(study("study", "bad.jsonl")).isEqualTo(2);
    assertThat(err.toString()).contains("positive reviews: 1 (expected: at least 100)");

    assertThat(mock("study", "--only", "reference")).as(err.toString()).isZero();
  }

  private JsonNode result(String study, String run) throws IOException {
    ObjectNode node =
        (ObjectNode)
            MAPPER.readTree(dir.resolve(study).resolve("runs").resolve(run + ".json").toFile());
    node.remove("cpuSeconds");
    return node;
  }

  private int mock(String study, String... more) {
    return study(study, "reviews.jsonl", more);
  }

  private int study(String study, String reviews, String... more) {
    String[] args = {
      "study",
      "mock",
      "--reviews",
      dir.resolve(reviews).toString(),
      "--out",
      dir.resolve(study).toString(),
      "--model",
      dir.resolve("model").toString(),
      "--data",
      dir.resolve("data").toString(),
      "--seeds",
      "1",
      "task.query-length=4",
      "task.query-min-length=1",
      "task.response-length=8",
      "policy.updates=30",
      "policy.learning-rate=1e-2",
      "reward.normalise.samples=32",
      "study.budgets=[12]",
      "study.repeats=4",
      "study.classifier.windows=600",
      "study.classifier.measured=200",
      "study.classifier.learning-rate=1e-2",
      "study.optimum.prompts=2",
      "study.optimum.draws=64"
    };
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), with(args, more));
  }

  private static String[] with(String[] args, String... more) {
    return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new);
  }
}
