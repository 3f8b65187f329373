package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.input.InvalidInputException;

class LexiconTest {

  @Test
  void commentsBlankLinesAndFurtherColumnsAreSkipped(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("words.tsv");
    Files.writeString(file, "# ours\n\nGood\t1.9\t0.9\t[2, 1]\nbad\t-2.5\n");

    Lexicon lexicon = Lexicon.load(file);

    assertThat(lexicon.size()).isEqualTo(2);
    assertThat(lexicon.valence("gOOD")).isEqualTo(1.9);
    assertThat(lexicon.valence("bad")).isEqualTo(-2.5);
    assertThat(lexicon.valence("dog")).isZero();
    assertThat(lexicon.knows("dog")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"good", "good\tvery", "\t1", "good\tNaN", "good 1.9"})
  void aLineThatIsNoneIsNamed(String line) {
    assertThatThrownBy(() -> Lexicon.parse(List.of("bad\t-1", line), "words.tsv"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("lexicon words.tsv, line 2: " + line + " (expected: word<TAB>valence)");
  }

  @Test
  void anEmptyOrMissingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> Lexicon.parse(List.of("# nothing"), "words.tsv"))
        .hasMessage("lexicon: words.tsv (expected: at least one line of word<TAB>valence)");
    assertThatThrownBy(() -> Lexicon.load(folder.resolve("none.tsv")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("none.tsv cannot be read");
  }
}
