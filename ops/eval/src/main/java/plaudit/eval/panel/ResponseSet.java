package plaudit.eval.panel;

import java.util.LinkedHashSet;
import java.util.List;

/**
 * What all writers made of one query.
 *
 * @param query what people read first
 * @param texts one a writer, in the writers' order
 */
public record ResponseSet(String query, List<String> texts) {

  public ResponseSet {
    texts = texts.stream().map(String::strip).toList();
    if (texts.size() < 2) {
      throw new IllegalArgumentException("texts: " + texts.size() + " (expected: >= 2)");
    }
  }

  /** The texts without repetitions: what two writers agree on is shown once. */
  List<String> different() {
    return List.copyOf(new LinkedHashSet<>(texts));
  }

  /** Whether there is anything to choose between. */
  boolean contested() {
    return different().size() > 1;
  }
}
