package plaudit.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.data.TextCorpus;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;

class TokenStreamTest {

  @TempDir private Path dir = Path.of("");

  @Test
  void aShortTextIsLearnedAndItsLastHundredthMeasured() throws IOException {
    Path books = Files.createDirectory(dir.resolve("books"));
    Files.writeString(books.resolve("one.md"), "# One\n\n" + "It was a day.\n\n".repeat(40));
    Files.writeString(books.resolve("notes.pdf"), "%PDF");
    Files.writeString(books.resolve("README.md"), "about");
    TextCorpus corpus = TextCorpus.of(books);
    try (Tokenizer tokenizer = bytes()) {
      TokenStream.Split split = TokenStream.split(corpus, tokenizer, 256);

      assertThat(split.training().length() + split.heldOut().length()).isEqualTo(40 * 14 + 1);
      assertThat(split.heldOut().length()).isEqualTo(5);
      assertThat(split.bitsPerByte(Math.log(2)))
          .describedAs("a bit a token")
          .isCloseTo(
              5.0 / split.heldOutText().getBytes(StandardCharsets.UTF_8).length, within(1e-9));
    }
    assertThat(corpus.passedOver())
        .containsExactly(books.resolve("README.md"), books.resolve("notes.pdf"));
  }

  @Test
  void aTextTooShortToLearnAndToMeasureIsRefused() throws IOException {
    Files.writeString(dir.resolve("tiny.txt"), "a");
    try (Tokenizer tokenizer = bytes()) {
      assertThatThrownBy(
              () -> TokenStream.split(TextCorpus.of(dir.resolve("tiny.txt")), tokenizer, 256))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage("tokens of the text: 3 (expected: at least 4, to train and measure)");
    }
  }

  private Tokenizer bytes() {
    BpeTrainer.train(List.of("x").iterator(), BpeTrainer.Settings.ofSize(257)).write(dir);
    return Tokenizer.open(dir);
  }
}
