package plaudit.lab.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import plaudit.data.DataFormat;
import plaudit.data.Example;
import plaudit.language.BpeTrainer;
import plaudit.language.Demonstration;
import plaudit.model.Tokenizer;
import plaudit.node.config.RunConfig;
import plaudit.node.config.TaskSettings;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemonstratorTest {

  private static final int CONTEXT = 1024;

  private Tokenizer tokenizer;

  @BeforeAll
  void openTokenizer(@TempDir Path dir) {
    // A symbol a byte and the end of text: texts are as long as they are written.
    BpeTrainer.train(List.of("x x").iterator(), BpeTrainer.Settings.ofSize(257)).write(dir);
    tokenizer = Tokenizer.open(dir);
  }

  @AfterAll
  void closeTokenizer() {
    tokenizer.close();
  }

  @Test
  void aSummaryStandsAfterTheSuffixWithASpaceAndEndsAtALineBreak() {
    Demonstration shown = only("tldr", DataFormat.TLDR, "A post.", " The\n summary. ");

    assertThat(text(shown, true)).isEqualTo("A post.\n\nTL;DR:");
    assertThat(text(shown, false)).isEqualTo(" The summary.\n");
  }

  @Test
  void anArticleStandsBehindItsPrefixAndIsCutAtItsLastLineBreak() {
    Demonstration shown = only("cnndm", DataFormat.CNNDM, "One.\nTwo.\nThr", "Sum.");

    assertThat(text(shown, true)).isEqualTo("Article:\n\nOne.\nTwo.\n\n\nTL;DR:");
  }

  @Test
  void aLongSummaryIsCutToTheResponseLengthAndHasNoEnd() {
    Demonstration shown = only("tldr", DataFormat.TLDR, "A post.", "word ".repeat(40));

    assertThat(shown.response().length()).isEqualTo(75);
    assertThat(text(shown, false)).startsWith(" word word").doesNotContain("\n");
  }

  @Test
  void aQueryThatComesWithItsAnswerIsNotTrimmed() {
    Demonstration shown =
        only("sentiment", DataFormat.PROMPTS, "No stop before. And after, she", "smiled.");

    assertThat(text(shown, true)).isEqualTo("No stop before. And after, she");
    assertThat(text(shown, false)).isEqualTo(" smiled.");
  }

  @Test
  void aQueryThatIsContinuedLosesItsBeginningIfItIsTooLong() {
    Demonstration shown =
        only("sentiment", DataFormat.PROMPTS, "x".repeat(100) + " the end", "came.");

    assertThat(shown.query().length()).isEqualTo(64);
    assertThat(text(shown, true)).endsWith("xxx the end");
  }

  @Test
  void noSpaceIsPutWhereThereIsOneOrNoneBelongs() {
    assertThat(text(only("sentiment", DataFormat.PROMPTS, "He came ", "in."), false))
        .isEqualTo("in.");
    assertThat(text(only("sentiment", DataFormat.PROMPTS, "He came", ", then."), false))
        .isEqualTo(", then.");
    assertThat(text(only("sentiment", DataFormat.PROMPTS, "He came.", "\n\"So."), false))
        .isEqualTo("\n\"So.");
    assertThat(text(only("sentiment", DataFormat.PROMPTS, "He came.", "\"So."), false))
        .isEqualTo(" \"So.");
  }

  @Test
  void whatHasNoAnswerOrMakesNoQueryIsLeftOut() {
    Demonstrator posts = demonstrator("tldr-paper", DataFormat.TLDR);

    assertThat(
            posts.all(
                List.of(
                    Example.of("Nobody\nsummed this up."),
                    new Example("no line break", List.of("s")),
                    new Example("a\nb", List.of(" ")),
                    new Example("a\nb", List.of("s")))))
        .hasSize(1);
  }

  private Demonstration only(String preset, DataFormat format, String text, String answer) {
    return demonstrator(preset, format).of(new Example(text, List.of(answer))).orElseThrow();
  }

  private Demonstrator demonstrator(String preset, DataFormat format) {
    TaskSettings task = TaskSettings.from(RunConfig.load(preset, List.of()).config());
    return new Demonstrator(task, format, tokenizer, CONTEXT);
  }

  private String text(Demonstration shown, boolean query) {
    return tokenizer.decode(query ? shown.query() : shown.response());
  }
}
