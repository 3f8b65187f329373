package plaudit.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.SharedData;
import plaudit.model.Tokenizer;
import plaudit.model.TokenizerJson;
import plaudit.task.QueryOutcome.Reason;
import plaudit.task.QueryOutcome.Skipped;
import plaudit.task.QueryRules.TooLong;
import plaudit.tokens.Tokens;

/** A vocabulary of single letters, so that a text is as long as it is written. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QueryBuilderTest {

  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz.ĠĊ";
  private static final OptionalInt STOP = OptionalInt.of(LETTERS.indexOf('.'));
  private static final OptionalInt NONE = OptionalInt.empty();

  private Tokenizer tokenizer;

  @BeforeAll
  void openTokenizer(@TempDir Path dir) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    LETTERS.chars().forEach(letter -> ids.put(Character.toString(letter), ids.size()));
    TokenizerJson.write(dir.resolve("tokenizer.json"), ids, List.of(), List.of());
    tokenizer = Tokenizer.open(dir);
  }

  @AfterAll
  void closeTokenizer() {
    tokenizer.close();
  }

  // The query builder's rules (paper 3.1), one by one

  @Test
  void everythingThroughTheFirstStartTokenIsDropped() {
    var rules = QueryRules.plain().withEnds(STOP, NONE);

    assertThat(body(rules, "ab.cd.ef")).isEqualTo("cd.ef");
  }

  @Test
  void aTextWithoutAStartTokenIsSkipped() {
    var rules = QueryRules.plain().withEnds(STOP, NONE);

    assertThat(build(rules, "abcd")).isEqualTo(new Skipped(Reason.NO_START_TOKEN));
  }

  @Test
  void aTextIsKeptAsItIsIfNothingFollowsTheStartToken() {
    assertThat(body(QueryRules.plain().withEnds(STOP, NONE), "ab.")).isEqualTo("ab.");
    assertThat(body(QueryRules.plain().withEnds(STOP, STOP), "ab.")).isEqualTo("ab.");
  }

  @Test
  void aLongTextIsCutToTheQueryLengthAfterItsStart() {
    var rules = QueryRules.plain().withMaxLength(3, TooLong.CUT_END).withEnds(STOP, NONE);

    assertThat(body(rules, "ab.cdefg")).isEqualTo("cde");
  }

  @Test
  void aTextEndsWithTheLastEndTokenWithinTheQueryLength() {
    var rules = QueryRules.plain().withMaxLength(6, TooLong.CUT_END).withEnds(NONE, STOP);

    assertThat(body(rules, "a.cd.efg.h")).isEqualTo("a.cd.");
  }

  @Test
  void aTextWithoutAnEndTokenWithinTheQueryLengthIsSkipped() {
    var rules = QueryRules.plain().withMaxLength(3, TooLong.CUT_END).withEnds(NONE, STOP);

    assertThat(build(rules, "abcd.")).isEqualTo(new Skipped(Reason.NO_END_TOKEN));
  }

  @Test
  void p3AllRulesTogetherGoInThisOrder() {
    var rules = QueryRules.plain().withMaxLength(6, TooLong.CUT_END).withEnds(STOP, STOP);

    assertThat(body(rules, "ab.cd.ef.gh")).isEqualTo("cd.ef.");
    assertThat(body(rules, "ab.cdef.g.h")).isEqualTo("cdef.");
    assertThat(body(rules, "ab.c.")).isEqualTo("c.");
    assertThat(build(rules, "a.bcdefgh.")).isEqualTo(new Skipped(Reason.NO_END_TOKEN));
  }

  @Test
  void aQueryWithTooFewTokensLeftIsSkipped() {
    var rules = QueryRules.plain().withMinLength(3).withEnds(NONE, STOP);

    assertThat(build(rules, "a.bcd")).isEqualTo(new Skipped(Reason.TOO_SHORT));
    assertThat(body(rules, "ab.cd")).isEqualTo("ab.");
    assertThatThrownBy(() -> QueryRules.plain().withMaxLength(2, TooLong.SKIP).withMinLength(3))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("fewest tokens of a query: 3 (expected: 1 to 2)");
  }

  @Test
  void eitherEndOfALongTextMayBeCut() {
    assertThat(body(QueryRules.plain().withMaxLength(3, TooLong.CUT_END), "abcde"))
        .isEqualTo("abc");
    assertThat(body(QueryRules.plain().withMaxLength(3, TooLong.CUT_START), "abcde"))
        .isEqualTo("cde");
    assertThat(build(QueryRules.plain().withMaxLength(3, TooLong.SKIP), "abcde"))
        .isEqualTo(new Skipped(Reason.TOO_LONG));
  }

  @Test
  void aLongTextIsCutBetweenWords() {
    assertThat(body(QueryRules.plain().withMaxLength(8, TooLong.CUT_END), "cooling upon the sea"))
        .isEqualTo("cooling");
    assertThat(body(QueryRules.plain().withMaxLength(12, TooLong.CUT_END), "cooling upon the sea"))
        .isEqualTo("cooling upon");
    assertThat(body(QueryRules.plain().withMaxLength(4, TooLong.CUT_END), "end. of"))
        .isEqualTo("end.");
    assertThat(body(QueryRules.plain().withMaxLength(6, TooLong.CUT_START), "cooling upon sea"))
        .isEqualTo(" sea");
  }

  @Test
  void aTemplateStandsAroundTheBodyAndIsNeverCut() {
    var rules = QueryRules.plain().withTemplate("q {} a").withMaxLength(4, TooLong.CUT_START);

    Query query = (Query) build(rules, "hello");

    assertThat(tokenizer.decode(query.prefix())).isEqualTo("q");
    assertThat(tokenizer.decode(query.body())).isEqualTo("ello");
    assertThat(tokenizer.decode(query.suffix())).isEqualTo(" a");
    assertThat(tokenizer.decode(query.tokens())).isEqualTo("qello a");
    assertThat(((Query) build(rules, "hey")).tokens()).isEqualTo(tokenizer.encode("q hey a"));
  }

  @Test
  void theContextLeavesRoomForTheResponse() {
    var rules = QueryRules.plain().withTemplate("q{}a").withMaxLength(100, TooLong.CUT_END);

    var builder = new QueryBuilder(tokenizer, rules, 5, 12);

    assertThat(builder.room()).isEqualTo(5);
    Query query = (Query) builder.build("abcdefghij");
    assertThat(query.tokens().length()).isEqualTo(7);
  }

  @Test
  void aPromptThatIsTooLongIsRefusedByNameAndNumbers() {
    var builder = new QueryBuilder(tokenizer, QueryRules.plain().withTemplate("q{}"), 5, 20);

    assertThatThrownBy(() -> builder.build("one two three four five six seven eight nine"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "prompt \"one two three four five six seven eight ...\": 44 tokens"
                + " (expected: <= 14, context 20 less 5 of the response and 1 of the template)");
    var short3 =
        new QueryBuilder(tokenizer, QueryRules.plain().withMaxLength(3, TooLong.REFUSE), 5, 20);
    assertThatThrownBy(() -> short3.build("abcd"))
        .hasMessage("prompt \"abcd\": 4 tokens (expected: <= 3, the query length)");
  }

  @Test
  void aTextThatMustNotBeCutIsWholeOrLeftOut() {
    var rules = QueryRules.plain().withMaxLength(3, TooLong.CUT_END).withEnds(NONE, STOP);
    var builder = new QueryBuilder(tokenizer, rules, 5, 12);

    assertThat(((Query) builder.whole("abcdefg")).body()).isEqualTo(tokenizer.encode("abcdefg"));
    assertThat(builder.whole("abcdefgh")).isEqualTo(new Skipped(Reason.TOO_LONG));
    assertThat(builder.whole("")).isEqualTo(new Skipped(Reason.EMPTY));
  }

  @Test
  void aResponseThatLeavesNoRoomIsRefused() {
    assertThatThrownBy(
            () -> new QueryBuilder(tokenizer, QueryRules.plain().withTemplate("q{}a"), 10, 12))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "response length: 10 (expected: <= 9, so that template and query fit into the model's"
                + " context of 12)");
  }

  @Test
  void whatIsLeftOutIsCountedByReason() {
    var rules = QueryRules.plain().withMaxLength(3, TooLong.SKIP).withEnds(NONE, STOP);
    var builder = new QueryBuilder(tokenizer, rules, 5, 20);

    QueryBuilder.Batch batch = builder.buildAll(List.of("a.", "ab", "abcd", "b.", "xyz"));

    assertThat(batch.queries()).hasSize(2);
    assertThat(batch.skipped()).isEqualTo(Map.of(Reason.NO_END_TOKEN, 2, Reason.TOO_LONG, 1));
    assertThat(batch.reasons()).isEqualTo("no end token 2, too long 1");
    assertThat(builder.build("")).isEqualTo(new Skipped(Reason.NO_END_TOKEN));
    assertThatThrownBy(() -> builder.buildAll(List.of("abcd")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "usable prompts: none of 1 (too long 1) (expected: at least one that the task, and the"
                + " model's context beside a response, have room for)");
  }

  @Test
  void anEmptyTextIsNoQuery() {
    assertThat(build(QueryRules.plain(), "")).isEqualTo(new Skipped(Reason.EMPTY));
  }

  @Test
  void aTemplateNeedsOnePlaceForTheText() {
    for (String template : List.of("no place", "{} twice {}")) {
      assertThatThrownBy(() -> QueryRules.plain().withTemplate(template))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(
              "query template: %s (expected: a text with {} in one place)".formatted(template));
    }
  }

  @Test
  void theDialogueModelsTemplateGivesItsGoldenIds() {
    Path dir = SharedData.require("craftgpt");
    try (Tokenizer dialogue = Tokenizer.open(dir)) {
      var rules = QueryRules.plain().withTemplate("[inst] {} [/inst]");
      Query query = (Query) new QueryBuilder(dialogue, rules, 24, 64).build("i feel tired.");

      assertThat(query.tokens()).isEqualTo(Tokens.of(0, 6, 14, 500, 4, 1));
    }
  }

  private QueryOutcome build(QueryRules rules, String text) {
    return new QueryBuilder(tokenizer, rules, 4, 64).build(text);
  }

  private String body(QueryRules rules, String text) {
    return tokenizer.decode(((Query) build(rules, text)).body());
  }
}
