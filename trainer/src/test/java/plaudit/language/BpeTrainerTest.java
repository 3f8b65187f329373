package plaudit.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.Tokenizer;

class BpeTrainerTest {

  private static final List<String> TALE =
      List.of(
          "The cat sat on the mat. The cat didn't see the rat; they've met, I'm told.\n\n",
          "Der Kater saß auf der Matte: 1 Katze, 22 Mäuse, 333 Flöhe!   \t Und dann?\n",
          "hahahahaha hahaha aaaa aaaaa aaaaaa banana bananas \u732b\u304c\u597d\u304d\u3067\u3059 \ud83d\ude3a\ud83d\ude3a");

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary.resolve("tokenizer");
  }

  @Test
  void everyMergeIsThePairThatCountingAfreshWouldPick() {
    for (int size : new int[] {257, 270, 300, 400}) {
      var settings = new BpeTrainer.Settings(size, 1, 1, List.of(BpeTrainer.END_OF_TEXT));

      BpeVocabulary vocabulary = BpeTrainer.train(TALE.iterator(), settings);

      assertThat(vocabulary.merges()).isEqualTo(SlowBpe.merges(TALE, size - 1, 1));
    }
  }

  @Test
  void theBytesComeFirstAndTheEndOfTextLast() {
    BpeVocabulary vocabulary = BpeTrainer.train(TALE.iterator(), BpeTrainer.Settings.ofSize(280));

    assertThat(vocabulary.size()).isEqualTo(280);
    assertThat(vocabulary.tokens().subList(0, 3)).containsExactly("!", "\"", "#");
    assertThat(vocabulary.tokens().get(220)).isEqualTo("Ġ"); // as in OpenAI's vocabulary
    assertThat(vocabulary.tokens().get(279)).isEqualTo("<|endoftext|>");
  }

  @Test
  void theOrderOfTheDocumentsDoesNotMatter() {
    var random = new Random(7);
    List<String> documents = randomDocuments(random, 40);
    var settings = BpeTrainer.Settings.ofSize(500);
    BpeVocabulary vocabulary = BpeTrainer.train(documents.iterator(), settings);

    Collections.shuffle(documents, random);

    assertThat(BpeTrainer.train(documents.iterator(), settings)).isEqualTo(vocabulary);
  }

  @Test
  void aSmallCorpusYieldsFewerTokensThanAskedFor() {
    var vocabulary =
        BpeTrainer.train(List.of("ab ab").iterator(), BpeTrainer.Settings.ofSize(5000));

    assertThat(vocabulary.merges()).containsExactly("a b");
    assertThat(vocabulary.size()).isEqualTo(258);
  }

  @Test
  void oneDocumentInTwoTeachesWhenAskedTo() {
    var settings = new BpeTrainer.Settings(300, 2, 2, List.of());

    var vocabulary = BpeTrainer.train(List.of("aaa aaa", "bbb bbb").iterator(), settings);

    assertThat(vocabulary.tokens()).contains("aa").doesNotContain("bb");
  }

  @Test
  void theTokenizerFileEncodesLikeTheSlowEncoderAndDecodesToTheSameText() {
    var random = new Random(11);
    BpeVocabulary vocabulary = BpeTrainer.train(TALE.iterator(), BpeTrainer.Settings.ofSize(350));
    vocabulary.write(dir);

    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(vocabulary.size());
      assertThat(tokenizer.idOf("<|endoftext|>")).contains(vocabulary.size() - 1);
      List<String> texts = new ArrayList<>(TALE);
      texts.addAll(
          List.of("", " ", "  \n\t ", "The banana's mat", "e\u0301\u200b\u00a0x\u2028y\u0000"));
      texts.addAll(randomDocuments(random, 200));
      for (String text : texts) {
        assertThat(tokenizer.encode(text).stream().boxed().toList())
            .as(text)
            .isEqualTo(SlowBpe.encode(vocabulary, text));
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void vocabularyAndMergesAloneMakeTheSameTokenizer() throws Exception {
    BpeVocabulary vocabulary = BpeTrainer.train(TALE.iterator(), BpeTrainer.Settings.ofSize(350));
    vocabulary.write(dir);
    Files.delete(dir.resolve("tokenizer.json"));

    try (Tokenizer tokenizer = Tokenizer.open(dir)) {
      String text = "The cat<|endoftext|> sat on the mat";
      assertThat(tokenizer.encode(text).stream().boxed().toList())
          .startsWith(SlowBpe.encode(vocabulary, "The cat").toArray(Integer[]::new))
          .contains(vocabulary.size() - 1);
      assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }
  }

  @Test
  void aVocabularySmallerThanTheBytesIsRefused() {
    assertThatThrownBy(() -> BpeTrainer.Settings.ofSize(256))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("vocabulary size: 256 (expected: >= 257, the bytes and special tokens)");
  }

  @Test
  void aCorpusWithoutTextIsRefused() {
    assertThatThrownBy(
            () -> BpeTrainer.train(List.of("").iterator(), BpeTrainer.Settings.ofSize(300)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("tokenizer training: the corpus holds no text");
  }

  /** Words from a small alphabet of letters, marks, digits, spaces and characters of all planes. */
  private static List<String> randomDocuments(Random random, int count) {
    String alphabet = "aaabbcdeE  '\n1.ä\u00df\u4e2d\ud83d\ude00\u00a0";
    int[] points = alphabet.codePoints().toArray();
    return random
        .ints(count, 1, 60)
        .mapToObj(
            length ->
                random
                    .ints(length, 0, points.length)
                    .mapToObj(i -> Character.toString(points[i]))
                    .collect(Collectors.joining()))
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
