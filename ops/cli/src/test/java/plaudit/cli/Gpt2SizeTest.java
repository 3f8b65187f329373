package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;

/**
 * A directory of the shape, size and vocabulary of GPT-2 with 124M parameters, with random weights
 * in F16: whoever has the real one has no more to do.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Gpt2SizeTest {

  private static final int VOCABULARY = 50257;

  private Path dir;
  private Path model;

  @BeforeAll
  void writeTheModel(@TempDir Path temporary) {
    Path tokenizer = tokenizer();
    dir = temporary;
    model = dir.resolve("gpt2");
    ModelConfig config =
        ModelConfig.gpt2(12, 12, 768, 1024, VOCABULARY).withEnds(VOCABULARY - 1, VOCABULARY - 1);
    try (Weights weights = FreshWeights.of(config, 1, Compute.cpu(1))) {
      List<TensorSpec> specs = Layout.of(config);
      ModelDirectory.write(
          model,
          config,
          spec -> weights.copy(specs.indexOf(spec)),
          List.of(),
          Dtype.F16,
          tokenizer);
    }
  }

  @Test
  void itsTokensAreGpt2s() {
    assertThat(run("tokenize", "--text", "Hello world. TL;DR:\n").strip())
        .isEqualTo("15496 995 13 24811 26 7707 25 198");
  }

  @Test
  void itContinuesAPrompt() throws IOException {
    JsonNode written =
        json("generate", "--prompt", "Hello world", "--max-new-tokens", "8", "--json");

    assertThat(written.path("tokens")).hasSize(8);
    assertThat(written.path("logprobs").path(0).asDouble()).isLessThan(0);
  }

  @Test
  void randomWeightsKnowNothingOfAText() throws IOException {
    Path text = Files.writeString(dir.resolve("text.txt"), "It was a dark night. ".repeat(250));

    JsonNode measured = json("perplexity", "--text", text.toString(), "--json");

    assertThat(measured.path("tokens").asInt()).isGreaterThan(1024);
    assertThat(measured.path("nats_per_token").asDouble())
        .isEqualTo(Math.log(VOCABULARY), within(0.5));
  }

  private JsonNode json(String verb, String... more) throws IOException {
    return new ObjectMapper().readTree(run(verb, more));
  }

  private String run(String verb, String... more) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of(verb, "--model", model.toString()));
    all.addAll(List.of(more));
    int code =
        Main.run(
            new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    assertThat(code).as(err.toString()).isZero();
    return out.toString();
  }

  private static Path tokenizer() {
    Path root = Path.of(System.getProperty("plaudit.root", "")).toAbsolutePath();
    Path found = root.resolveSibling("shared").resolve("data").resolve("gpt2-tokenizer");
    assumeTrue(Files.isDirectory(found), () -> "skipped: no folder " + found);
    return found;
  }
}
