package plaudit.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import plaudit.data.TextCorpus;

@Tag("slow")
class BpeSpeedTest {

  @Test
  void aLibraryOfEightyMegabytesTeachesAVocabularyInTwoMinutes() {
    Path books = SharedBooks.require("books-public-domain").resolve("classic_books_fiction.zip");
    Instant start = Instant.now();

    try (Stream<String> documents = TextCorpus.of(books).documents()) {
      var vocabulary = BpeTrainer.train(documents.iterator(), BpeTrainer.Settings.ofSize(16_384));

      assertThat(vocabulary.size()).isEqualTo(16_384);
      assertThat(vocabulary.tokens()).contains("Ġthe", "ing", "Ġgentleman");
    }
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofMinutes(2));
  }
}
