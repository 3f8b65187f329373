package plaudit.labelfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.data.Columns;
import plaudit.input.InvalidInputException;
import plaudit.labelfile.LabelFile.BadRows;
import plaudit.labelfile.LabelFile.Duplicates;
import plaudit.labelfile.LabelFile.Grouping;
import plaudit.language.BpeTrainer;
import plaudit.model.Tokenizer;
import plaudit.reward.RewardExample;
import plaudit.reward.RewardLoss;
import plaudit.reward.Target;
import plaudit.tokens.Tokens;

class LabelFileTest {

  private static final int VOCABULARY = 50257;
  private static final int PAD = 50259;

  @TempDir private static Path shared = Path.of("");
  private static Tokenizer tokenizer;

  @TempDir private Path dir = Path.of("");

  @BeforeAll
  static void makeATokenizer() throws IOException {
    List<String> text = List.of("What is best? The first answer is best. The second is not.");
    BpeTrainer.train(text.iterator(), BpeTrainer.Settings.ofSize(300)).write(shared);
    Files.writeString(
        shared.resolve("tokenizer_config.json"),
        """
        {"chat_template": "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}"}
        """);
    tokenizer = Tokenizer.open(shared);
  }

  @AfterAll
  static void closeTheTokenizer() {
    tokenizer.close();
  }

  @Test
  void theReleasesRowsAreReadWithoutTheirPadding() throws IOException {
    LabelFile.Contents contents =
        read(
            "labels.json",
            """
            [{"query": [%1$d, 5, 6], "sample0": [1, %1$d], "sample1": [2, 3], "best": 1, "x": 0},
             {"query": [7, 8, 9], "sample0": [4, 4], "sample1": [3, %1$d], "best": 0}]
            """
                .formatted(PAD));

    assertThat(contents.rows()).hasSize(2);
    LabelRow row = contents.rows().get(0);
    assertThat(row.query().tokens()).isEqualTo(Tokens.of(5, 6));
    assertThat(row.responses().stream().map(LabelRow.Passage::tokens))
        .containsExactly(Tokens.of(1), Tokens.of(2, 3));
    assertThat(row.target()).contains(Target.Best.only(1));
  }

  @Test
  void scoresAndDifferencesAreReadToo() throws IOException {
    assertThat(targets("a.jsonl", "{'query': [1], 'sample': [2], 'score': -1.5}"))
        .containsExactly(new Target.Score(-1.5));
    assertThat(
            targets(
                "b.jsonl", "{'query': [1], 'sample0': [2], 'sample1': [3], 'difference': 0.25}"))
        .containsExactly(new Target.Difference(.25));
  }

  @Test
  void textsAreReadInAllTheirShapes() throws IOException {
    LabelFile.Contents contents =
        read(
            "texts.jsonl",
            """
            {"query": "What is best?", "sample0": "The first", "sample1": "The second", "best": 0}
            {"prompt": "What is best?", "chosen": "The second", "rejected": "The first"}
            {"topic": "best", "a1": "The first", "a2": "The second", "label": "a2", "id": "x"}
            """);

    assertThat(contents.rows().stream().map(row -> row.target().orElseThrow()))
        .containsExactly(Target.Best.only(0), Target.Best.only(0), Target.Best.only(1));
    assertThat(contents.rows().get(1).responses().get(0).tokens())
        .isEqualTo(tokenizer.encode("The second"));
  }

  @Test
  void marginsAndUnpairedJudgmentsAreReadToo() throws IOException {
    assertThat(
            targets(
                "trl.jsonl",
                """
                {'prompt': 'What', 'chosen': 'first', 'rejected': 'second', 'margin': 0.5}
                {'chosen': 'What first', 'rejected': 'What second', 'margin': 2}
                {'prompt': 'What', 'completion': 'first', 'label': true}
                {'prompt': 'What', 'completion': 'second', 'label': 0}
                """))
        .containsExactly(
            new Target.Margin(.5), new Target.Margin(2), new Target.Score(1), new Target.Score(0));
    Target margin = new Target.Margin(.5);
    RewardExample pair = new RewardExample(List.of(Tokens.of(1), Tokens.of(2)), margin);
    assertThat(pair.winners()).containsExactly(0);
    assertThat(RewardLoss.PAIRWISE.of(new float[] {0, 0}, pair))
        .isCloseTo(Math.log(2), within(1e-6));
    assertThat(RewardLoss.COMPARE.of(new float[] {.5f, 0}, pair)).isZero();
  }

  @Test
  void conversationsAreReadByTheModelsTemplate() throws IOException {
    String user = "{\"role\": \"user\", \"content\": \"What\"}";
    String first = "{\"role\": \"assistant\", \"content\": \"first\"}";
    String second = "{\"role\": \"assistant\", \"content\": \"second\"}";
    LabelFile.Contents contents =
        read(
            "chat.jsonl",
            """
            {"chosen": [%1$s, %2$s], "rejected": [%1$s, %3$s]}
            {"prompt": [%1$s], "chosen": [%2$s], "rejected": [%3$s]}
            """
                .formatted(user, first, second));

    assertThat(contents.duplicates()).isEqualTo(1);
    LabelRow row = contents.rows().get(1);
    assertThat(row.query().text()).isEqualTo("<user>What<assistant>");
    assertThat(row.responses())
        .extracting(LabelRow.Passage::text)
        .containsExactly("first", "second");
    assertThatThrownBy(
            () ->
                read(
                    "apart.jsonl",
                    "{\"chosen\": [%s, %s], \"rejected\": [%s]}".formatted(user, first, user)))
        .hasMessageContaining("apart.jsonl: line 1: chosen and rejected: conversations of 2 and 1");
  }

  @Test
  void tablesAreReadWithTheNamesTheirColumnsAreGiven() throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("pairs.csv"), "question,better,worse\nWhat,\"a, b\",c\nWhat,d,d\n");
    Columns columns =
        Columns.parse("--column", List.of("prompt=question", "chosen=better", "rejected=worse"));

    assertThatThrownBy(
            () ->
                LabelFile.read(
                    List.of(file),
                    tokenizer,
                    VOCABULARY,
                    Grouping.BY_QUERY,
                    "",
                    Duplicates.KEEP,
                    columns))
        .hasMessage(file + ": line 3: rejected: the same as chosen (expected: another text)");
  }

  @Test
  void ofAFolderTheFilesThatAreNotHeldOutAreRead() throws IOException {
    Files.createDirectories(dir.resolve("set/data"));
    String row = "{\"prompt\": \"What\", \"chosen\": \"first\", \"rejected\": \"second\"}\n";
    Files.writeString(dir.resolve("set/data/train-0.jsonl"), row + row);
    Files.writeString(dir.resolve("set/data/test-0.jsonl"), row);
    Files.writeString(dir.resolve("set/README.md"), "about");
    Files.writeString(dir.resolve("set/dataset_info.json"), "{}");

    assertThat(
            LabelFile.read(
                    List.of(dir.resolve("set")), tokenizer, VOCABULARY, Grouping.BY_QUERY, "")
                .rows())
        .hasSize(2);
  }

  @Test
  void theSameTextsAreInOneGroupWhateverFieldTheyAreGroupedBy() throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("twice.jsonl"),
            """
            {"topic": "one", "a1": "first", "a2": "second", "label": "a1", "page": "x"}
            {"topic": "one", "a1": "first", "a2": "second", "label": "a2", "page": "y"}
            {"topic": "two", "a1": "first", "a2": "second", "label": "a2", "page": "y"}
            """);

    assertThat(groups(file, Grouping.parse("page"))).containsExactly("x", "x", "y");
  }

  @Test
  void tiesRankingsAndNoneAcceptableAreKeptApart() throws IOException {
    String samples = "{'query': [1], 'sample0': [2], 'sample1': [3], 'sample2': [4], ";
    LabelFile.Contents contents =
        read(
            "ties.jsonl",
            String.join(
                    "\n",
                    samples + "'best': [2, 0]}",
                    samples + "'best': 'tie'}",
                    samples + "'best': null}",
                    samples + "'best': 'none'}",
                    samples + "'ranking': [1, 0, 1]}")
                .replace('\'', '"'));

    assertThat(contents.noneAcceptable()).isEqualTo(2);
    assertThat(contents.rows().stream().flatMap(row -> row.target().stream()))
        .containsExactly(
            new Target.Best(List.of(0, 2)),
            new Target.Best(List.of(0, 1, 2)),
            new Target.Ranking(List.of(1, 0, 1)));
  }

  @Test
  void packedFilesAreUnpackedAndDuplicatesCounted() throws IOException {
    String row = "{\"prompt\": \"What\", \"chosen\": \"first\", \"rejected\": \"second\"}\n";
    Path file = dir.resolve("labels.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write((row + row + row.replace("What", "is")).getBytes(StandardCharsets.UTF_8));
    }

    LabelFile.Contents contents =
        LabelFile.read(List.of(file), tokenizer, VOCABULARY, Grouping.BY_QUERY, "");

    assertThat(contents.rows()).hasSize(3);
    assertThat(contents.duplicates()).isEqualTo(1);
  }

  @Test
  void duplicatesCanBeDroppedOrRefusedByRow() throws IOException {
    String row = "{\"query\": [1], \"sample0\": [2], \"sample1\": [3], \"best\": 0}\n";
    Path file =
        Files.writeString(dir.resolve("twice.jsonl"), row + row.replace("0}", "1}") + row + row);

    LabelFile.Contents dropped =
        LabelFile.read(
            List.of(file),
            tokenizer,
            VOCABULARY,
            Grouping.BY_QUERY,
            "",
            Duplicates.DROP,
            Columns.SAME);

    assertThat(dropped.rows()).hasSize(2);
    assertThat(dropped.duplicates()).isEqualTo(2);
    assertThatThrownBy(
            () ->
                LabelFile.read(
                    List.of(file),
                    tokenizer,
                    VOCABULARY,
                    Grouping.BY_QUERY,
                    "",
                    Duplicates.REFUSE,
                    Columns.SAME))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "%1$s: line 3: the same as %1$s: line 1 (expected: each row once; see --duplicates)"
                .formatted(file));
  }

  @Test
  void theQueryOfAPairWithoutPromptIsWhatBothBeginWith() throws IOException {
    LabelFile.Contents contents =
        read(
            "pairs.jsonl",
            """
            {"chosen": "\\n\\nHuman: Hi\\n\\nAssistant: Hello", "rejected": "\\n\\nHuman: Hi\\n\\nAssistant: He"}
            {"chosen": "The cat sat", "rejected": "The car sat"}
            {"chosen": "The cat", "rejected": "The cat sat"}
            {"chosen": "yes", "rejected": "no"}
            """);

    assertThat(contents.rows().stream().map(row -> row.query().text()))
        .containsExactly("\n\nHuman: Hi\n\nAssistant:", "The ", "The ", "");
    assertThat(contents.rows().get(0).responses().stream().map(LabelRow.Passage::text))
        .containsExactly(" Hello", " He");
    assertThat(contents.rows().get(2).responses().stream().map(LabelRow.Passage::text))
        .containsExactly("cat", "cat sat");
    assertThat(contents.rows()).allMatch(r -> r.target().equals(Optional.of(Target.Best.only(0))));
  }

  @Test
  void aGroupIsTheQueryOrAFieldUpToASign() throws IOException {
    String rows =
        """
        {"topic": "ban_yes", "a1": "first", "a2": "second", "label": "a1"}
        {"topic": "ban_no", "a1": "first", "a2": "second", "label": "a2"}
        """;
    Path file = Files.writeString(dir.resolve("a.jsonl"), rows);

    assertThat(groups(file, Grouping.BY_QUERY)).hasSize(2);
    assertThat(groups(file, Grouping.parse("topic"))).containsExactly("ban_yes", "ban_no");
    assertThat(groups(file, Grouping.parse("topic/_"))).containsExactly("ban", "ban");
    assertThatThrownBy(() -> groups(file, Grouping.parse("subject")))
        .hasMessageContaining("a.jsonl: line 1: no subject");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'query': [1], 'sample0': [50257], 'sample1': [2], 'best': 0} | line 1: sample0[0]: 50257
          {'query': [1], 'sample0': [-1], 'sample1': [2], 'best': 0} | line 1: sample0[0]: -1
          {'query': [1], 'sample0': [1, 2], 'sample1': [2], 'best': 0} | line 1: sample1: 1 ids
          {'query': [1], 'sample0': [1], 'sample1': [2], 'best': 2} | line 1: best: 2 (expected: 0 to 1)
          {'query': [1], 'sample0': [1], 'sample1': [2], 'best': 0.5} | line 1: best: 0.5
          {'query': [1], 'sample0': [1], 'sample2': [2], 'best': 0} | line 1: no sample1
          {'query': [1], 'sample0': [1], 'best': 0} | line 1: one sample
          {'query': [1], 'best': 0} | line 1: no samples
          {'sample0': [1], 'sample1': [2], 'best': 0} | line 1: no query
          {'query': [1], 'sample0': [1], 'sample1': [2]} | line 1: nothing says which is best
          {'query': [1], 'sample': [1], 'score': NaN} | line 1: not valid JSON
          {'query': [1], 'sample': [1], 'score': 'high'} | line 1: score
          {'query': [1], 'sample0': [50259], 'sample1': [2], 'best': 0} | line 1: sample0: empty
          {'query': [1], 'sample0': [1], 'sample1': [2], 'ranking': [0]} | line 1: ranking
          {'chosen': 'b', 'rejected': 'b'} | line 1: rejected: the same as chosen
          {'chosen': [{'role': 'user'}], 'rejected': 'b'} | line 1: chosen: [{
          {'prompt': 'a', 'chosen': 'b'} | line 1: no rejected
          {'prompt': 'a', 'chosen': 'b', 'rejected': 'b'} | line 1: rejected: the same as chosen
          {'prompt': 'a', 'chosen': 'b', 'rejected': 'c', 'margin': -1} | line 1: margin: -1.0
          {'prompt': 'a', 'completion': 'b', 'label': 'good'} | line 1: label: "good"
          {'topic': 'a', 'a1': 'b', 'a2': 'c', 'label': 'b'} | line 1: label
          {'query': 1, 'sample0': [1], 'sample1': [2], 'best': 0} | line 1: query: 1
          7 | line 1: number
          {'query' | line 1: not valid JSON
          """)
  void whatCannotBeUsedIsNamedWithItsFileAndRow(String row, String message) throws IOException {
    Path file = Files.writeString(dir.resolve("bad.jsonl"), row.replace('\'', '"'));

    assertThatThrownBy(
            () -> LabelFile.read(List.of(file), tokenizer, VOCABULARY, Grouping.BY_QUERY, ""))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(file + ": " + message)
        .satisfies(e -> assertThat(String.valueOf(e.getMessage()).lines()).hasSize(1));
  }

  @Test
  void badRowsAreLeftOutAndNamedIfAskedFor() throws IOException {
    Path file =
        Files.writeString(
            dir.resolve("some.jsonl"),
            """
            {"query": [1], "sample0": [2], "sample1": [3], "best": 1}
            {"query": [1], "sample0": [], "sample1": [3], "best": 0}
            {"query": [1], "sample0": [2], "sample1": [3], "best": 7}
            """);

    LabelFile.Contents contents = skipping(file);

    assertThat(contents.rows()).hasSize(1);
    assertThat(contents.skipped()).hasSize(2);
    assertThat(contents.skipped().get(0)).startsWith(file + ": ").contains("2").contains("sample0");
    assertThat(contents.skipped().get(1)).startsWith(file + ": ").contains("best: 7");
  }

  @Test
  void aFileOfBadRowsAloneIsRefusedAllTheSame() throws IOException {
    Path file = Files.writeString(dir.resolve("none.jsonl"), "{\"query\": [1]}\n{\"a\": 7}\n");
    assertThatThrownBy(() -> skipping(file))
        .hasMessageContaining("none of 2 rows can be used, such as: " + file);
  }

  private static LabelFile.Contents skipping(Path file) {
    return LabelFile.read(
        List.of(file),
        tokenizer,
        VOCABULARY,
        Grouping.BY_QUERY,
        "",
        Duplicates.KEEP,
        Columns.SAME,
        BadRows.SKIP);
  }

  @Test
  void rowsOfMixedLengthsNameTheSecond() throws IOException {
    Path file = dir.resolve("mixed.jsonl");
    String row = "{\"query\": [1], \"sample0\": [1], \"sample1\": [2], \"best\": 0}\n";
    Files.writeString(file, row + row.replace("\"query\": [1]", "\"query\": [1, 2]"));

    assertThatThrownBy(
            () -> LabelFile.read(List.of(file), tokenizer, VOCABULARY, Grouping.BY_QUERY, ""))
        .hasMessageContaining("line 2: query: 2 ids (expected: 1");
  }

  @Test
  void tooLongQueriesLoseTheirBeginningAndTooLongResponsesTheirEnd() throws IOException {
    LabelFile.Contents contents =
        read(
            "long.jsonl",
            "{\"query\": [1, 2, 3, 4], \"sample0\": [5, 6, 50259, 50259, 50259],"
                + " \"sample1\": [5, 6, 7, 8, 9], \"best\": 0}");

    SequenceLimit.Fitted fitted = new SequenceLimit(4).fit(contents.rows());

    assertThat(fitted.examples().get(0).sequences())
        .containsExactly(Tokens.of(3, 4, 5, 6), Tokens.of(5, 6, 7, 8));
    assertThat(fitted.queriesCut()).isEqualTo(2);
    assertThat(fitted.responsesCut()).isEqualTo(1);
    assertThat(fitted.sequences()).isEqualTo(2);
  }

  @Test
  void publicLabelsAreReadWhole() {
    Path data = data("pref-qa-feedback-4way").resolve("derived_4way_best.jsonl");
    LabelFile.Contents four =
        LabelFile.read(List.of(data), tokenizer, VOCABULARY, Grouping.BY_QUERY, "\n");
    assertThat(four.rows()).hasSize(407).allMatch(row -> row.responses().size() == 4);

    Path pairs = data("pref-ukpconvarg1strict").resolve("UKPConvArg1Strict.jsonl.gz");
    LabelFile.Contents two =
        LabelFile.read(List.of(pairs), tokenizer, VOCABULARY, Grouping.parse("topic"), "\n");
    assertThat(two.rows()).hasSize(11_650);
    Map<String, Long> topics =
        two.rows().stream().collect(Collectors.groupingBy(LabelRow::group, Collectors.counting()));
    assertThat(topics).hasSize(32);
  }

  private static Path data(String folder) {
    Path root = Path.of(System.getProperty("plaudit.root", "")).toAbsolutePath();
    Path found = root.resolveSibling("shared").resolve("data").resolve(folder);
    assumeTrue(Files.isDirectory(found), () -> "skipped: no folder " + found);
    return found;
  }

  private static List<String> groups(Path file, Grouping grouping) {
    return LabelFile.read(List.of(file), tokenizer, VOCABULARY, grouping, "").rows().stream()
        .map(LabelRow::group)
        .toList();
  }

  private List<Target> targets(String name, String text) throws IOException {
    return read(name, text.replace('\'', '"')).rows().stream()
        .flatMap(row -> row.target().stream())
        .toList();
  }

  private LabelFile.Contents read(String name, String text) throws IOException {
    Path file = Files.writeString(dir.resolve(name), text);
    return LabelFile.read(List.of(file), tokenizer, VOCABULARY, Grouping.BY_QUERY, "");
  }
}
