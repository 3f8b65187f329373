package plaudit.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.lab.study.Reviews.Review;

class ReviewsTest {

  private static final String GOOD = "{\"label\": 1, \"text\": \"a fine  film<br /><br />yes\"}\n";
  private static final String BAD = "{\"label\": 0, \"text\": \"a dull film\", \"id\": 7}\n";

  @TempDir private Path dir;

  @Test
  void reviewsAreReadPackedOrNotAndLoseTheirLineBreaks() throws IOException {
    Path packed = dir.resolve("reviews.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write((GOOD + "\n" + BAD).getBytes(StandardCharsets.UTF_8));
    }

    assertThat(Reviews.read(packed, 1).all())
        .containsExactly(new Review("a fine film yes", true), new Review("a dull film", false))
        .isEqualTo(Reviews.read(file(GOOD + BAD), 1).all());
  }

  @Test
  void oneKindAloneIsRefused() throws IOException {
    Path file = file(GOOD.repeat(50));

    assertThatThrownBy(() -> Reviews.read(file, 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": negative reviews: 0 (expected: at least 10)");
  }

  @Test
  void tooFewAreRefused() throws IOException {
    Path file = file((GOOD + BAD).repeat(9));

    assertThatThrownBy(() -> Reviews.read(file, 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file + ": positive reviews: 9 (expected: at least 10)");
  }

  @Test
  void aLineThatIsNoReviewIsNamed() throws IOException {
    refused("not json\n", "no JSON");
    refused("{\"text\": \"x\"}\n", "label: missing (expected: 0 or 1)");
    refused("{\"label\": \"1\", \"text\": \"x\"}\n", "label: \"1\" (expected: 0 or 1)");
    refused("{\"label\": 1, \"text\": \" \"}\n", "text: none");
    refused("{\"label\": 1, \"text\": 5}\n", "text: none");
    refused("[1]\n", "label: missing");
  }

  private void refused(String line, String why) throws IOException {
    Path file = file(GOOD + line);

    assertThatThrownBy(() -> Reviews.read(file, 1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(file + ":2: " + why);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(dir.resolve("reviews.jsonl"), text);
  }
}
