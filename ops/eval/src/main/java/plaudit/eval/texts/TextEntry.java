package plaudit.eval.texts;

import java.util.List;

/**
 * One text, or several that mean the same, such as the references of one summary.
 *
 * @param place file and line, for messages
 * @param name the file's name where each text has a file of its own, else empty
 * @param values at least one
 */
public record TextEntry(String place, String name, List<String> values) {

  public TextEntry {
    values = List.copyOf(values);
  }

  /** The text; the parts of several are its lines. */
  public String text() {
    return String.join("\n", values);
  }
}
