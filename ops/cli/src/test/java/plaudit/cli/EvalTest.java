package plaudit.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verb eval from its arguments to what it prints, as far as no model is needed. */
class EvalTest {

  @TempDir private Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"win-rate", "rouge", "copying", "agreement", "frontier", "words"})
  void everyMeasureExplainsItself(String measure) {
    assertThat(run("eval", measure, "--help")).isZero();

    assertThat(out.toString()).contains("Usage: plaudit eval " + measure, "--json", "--debug");
  }

  @Test
  void withoutAMeasureTheyAreNamed() {
    assertThat(run("eval")).isEqualTo(2);

    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("win-rate, rouge, copying, agreement, frontier, words");
  }

  @Test
  void rougeReadsSeveralReferencesFromJsonLines() throws IOException {
    write("out.txt", "the cat sat", "a dog ran");
    write("refs.jsonl", "{\"target\": [\"the cat sat\", \"dogs bark\"]}", "\"the dog ran\"");

    JsonNode result = json("rouge", "--candidates", "out.txt", "--references", "refs.jsonl");

    assertThat(result.path("candidates").asInt()).isEqualTo(2);
    // The first: 3 matches of 3 + 3 and 3 + 2 words. The second: 2 of 3 both ways.
    assertThat(result.at("/rouge1/precision/value").asDouble())
        .isCloseTo((3 / 6.0 + 2 / 3.0) / 2, within(1e-9));
    assertThat(result.at("/rouge1/recall/value").asDouble())
        .isCloseTo((3 / 5.0 + 2 / 3.0) / 2, within(1e-9));
  }

  @Test
  void rougeTakesTheLinesOfAFileForSentences() throws IOException {
    Files.createDirectory(dir.resolve("out"));
    Files.createDirectory(dir.resolve("ref"));
    write("out/1", "w1 w3 w8 w9 w5", "w1 w2 w6 w7 w8");
    write("ref/1", "w1 w2 w3 w4 w5");

    JsonNode result = json("rouge", "--candidates", "out", "--references", "ref");

    assertThat(result.at("/rougeLsum/recall/value").asDouble()).isEqualTo(.8);
    assertThat(result.at("/rougeL/recall/value").asDouble()).isEqualTo(.6);
  }

  @Test
  void rougeLooksIrregularWordsUp() throws IOException {
    write("out.txt", "they went");
    write("ref.txt", "they go");
    write("verb.exc", "went go");

    JsonNode result =
        json(
            "rouge",
            "--candidates",
            "out.txt",
            "--references",
            "ref.txt",
            "--stem",
            "--irregular",
            dir.resolve("verb.exc").toString());

    assertThat(result.at("/rouge1/f1/value").asDouble()).isEqualTo(1);
  }

  @Test
  void textsThatDoNotMatchAreRefusedInOneLine() throws IOException {
    write("out.txt", "one", "two");
    write("ref.txt", "one");

    assertThat(eval("rouge", "--candidates", "out.txt", "--references", "ref.txt")).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            "plaudit: %s has 2 texts and %s has 1 (expected: as many)%n"
                .formatted(dir.resolve("out.txt"), dir.resolve("ref.txt")));
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void copyingPrintsATable() throws IOException {
    write("in.txt", "So it rained. We left.", "Berlin: it snowed.");
    write("out.txt", "So it rained.", "It thawed.");

    assertThat(eval("copying", "--inputs", "in.txt", "--outputs", "out.txt")).isZero();

    assertThat(out.toString())
        .contains("novel sentences", "50.0 (9.5 to 90.5)  2 sentences", "novel runs of 4 words");
  }

  @Test
  void wordsThatACorpusDoesNotHaveAreCountedAndNamed() throws IOException {
    write("corpus.txt", "It rained. We didn't leave the house.");
    write(
        "texts.jsonl",
        "{\"query\": \"We did\", \"response\": \"n\u2019t leave; it HOUSED us, rai\"}",
        "{\"query\": \"It\", \"response\": \" rained. We housed the\"}");

    JsonNode result = json("words", "--texts", "texts.jsonl", "--corpus", "corpus.txt");

    assertThat(result.path("responses").asInt()).isEqualTo(2);
    assertThat(result.path("words").asInt()).isEqualTo(7);
    assertThat(result.at("/share/value").asDouble()).isCloseTo(4 / 7.0, within(1e-9));
    assertThat(result.path("unknown").toString())
        .isEqualTo("[{\"word\":\"housed\",\"times\":2},{\"word\":\"us\",\"times\":1}]");

    assertThat(eval("words", "--texts", "texts.jsonl", "--corpus", "corpus.txt")).isZero();
    assertThat(out.toString()).contains("words the corpus has %", "57.1 (", "housed 2, us 1");

    assertThat(eval("words", "--texts", "texts.jsonl", "--corpus", "corpus.txt", "--draws", "2"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("--texts with --prompts or --draws: ");
  }

  @Test
  void agreementReadsJudgments() throws IOException {
    write(
        "judgments.jsonl",
        "{\"item\": 1, \"labeler\": \"ann\", \"choice\": 0, \"choices\": 4}",
        "{\"item\": 1, \"labeler\": \"bob\", \"choice\": 0, \"choices\": 4}",
        "{\"item\": 2, \"labeler\": \"ann\", \"choice\": 1, \"choices\": 4}",
        "{\"item\": 2, \"labeler\": \"bob\", \"choice\": 3, \"choices\": 4}");

    JsonNode result = json("agreement", "--labels", "judgments.jsonl");

    assertThat(result.at("/pairsAgreed/value").asDouble()).isEqualTo(.5);
    assertThat(result.path("chance").asDouble()).isEqualTo(.25);
    assertThat(result.path("votes")).hasSize(2);
    assertThat(result.at("/labelers/0/labeler").asText()).isEqualTo("ann");
  }

  @Test
  void agreementNeedsASecondOpinion() throws IOException {
    write("judgments.jsonl", "{\"item\": 1, \"labeler\": \"ann\", \"choice\": 0, \"choices\": 4}");

    assertThat(eval("agreement", "--labels", "judgments.jsonl")).isEqualTo(2);

    assertThat(err.toString().lines()).hasSize(1);
    assertThat(err.toString()).contains("1 comparisons with one judgment each", "repeats");
  }

  @Test
  void winRateComparesTextsByAWordList() throws IOException {
    write("a.jsonl", answer("It was", "good"), answer("He is", "happy"), answer("We", "left"));
    write("b.jsonl", answer("It was", "bad"), answer("He is", "sad"), answer("We", "went"));
    write("words.tsv", "good\t2", "bad\t-2", "happy\t3", "sad\t-2");

    JsonNode result =
        json(
            "win-rate",
            "--a",
            "a.jsonl",
            "--b",
            "b.jsonl",
            "--lexicon",
            dir.resolve("words.tsv").toString());

    assertThat(result.path("aWins").asInt()).isEqualTo(2);
    assertThat(result.path("ties").asInt()).isEqualTo(1);
    assertThat(result.at("/aWinRate/value").asDouble()).isCloseTo(2.5 / 3, within(1e-9));
  }

  @Test
  void winRateRefusesAnswersToDifferentQueries() throws IOException {
    write("a.jsonl", answer("It was", "good"));
    write("b.jsonl", answer("It is", "bad"));
    write("words.tsv", "good\t2");

    int code =
        eval(
            "win-rate",
            "--a",
            "a.jsonl",
            "--b",
            "b.jsonl",
            "--lexicon",
            dir.resolve("words.tsv").toString());

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("query 1 of", "they differ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--lexicon words.tsv --people panel", "--reward x --lexicon y"})
  void winRateWantsExactlyOneJudge(String judges) {
    String[] args = ("eval win-rate --a a --b b " + judges).strip().split(" ", -1);

    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString()).contains("expected one of --reward, --lexicon and --people");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--draws 1", "--betas 0", "--betas 1,-2"})
  void frontierRefusesWhatMakesNoSense(String option) {
    String[] args = ("eval frontier --model m --prompts p --lexicon l " + option).split(" ", -1);

    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString()).contains(option.split(" ", -1)[0], "expected");
  }

  private static String answer(String query, String response) {
    return "{\"query\": \"%s\", \"response\": \"%s\"}".formatted(query, response);
  }

  private void write(String name, String... lines) throws IOException {
    Files.writeString(dir.resolve(name), String.join("\n", lines) + "\n");
  }

  private JsonNode json(String... args) throws IOException {
    String[] more = Arrays.copyOf(args, args.length + 1);
    more[args.length] = "--json";
    assertThat(eval(more)).as(err.toString()).isZero();
    return new ObjectMapper().readTree(out.toString());
  }

  /** Arguments that name a file here mean the one in the temporary directory. */
  private int eval(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "eval";
    for (int i = 0; i < args.length; i++) {
      boolean file = i > 0 && Files.exists(dir.resolve(args[i]));
      all[i + 1] = file ? dir.resolve(args[i]).toString() : args[i];
    }
    return run(all);
  }

  private int run(String... args) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
  }
}
