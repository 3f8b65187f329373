package plaudit.data;

import java.util.List;
import java.util.Optional;

/**
 * One item of a data set.
 *
 * @param text what a query is made of
 * @param references what people wrote in answer to it, such as a summary; the best first, often
 *     none
 */
public record Example(String text, List<String> references) {

  public Example {
    references = List.copyOf(references);
  }

  /** A text without an answer. */
  public static Example of(String text) {
    return new Example(text, List.of());
  }

  /** The answer to learn from, if there is one. */
  public Optional<String> reference() {
    return references.stream().findFirst();
  }
}
