package plaudit.labelfile;

import java.util.List;
import java.util.Optional;
import plaudit.reward.Target;
import plaudit.tokens.Tokens;

/**
 * One row of a label file.
 *
 * @param place file and row, for messages
 * @param group what the row is held out with: its query, or a field's value
 * @param query what the responses answer, may be empty
 * @param responses at least one, none empty
 * @param target what was said of them; empty if no response was found acceptable, which teaches no
 *     order
 */
public record LabelRow(
    String place, String group, Passage query, List<Passage> responses, Optional<Target> target) {

  public LabelRow {
    responses = List.copyOf(responses);
  }

  /** Query and responses, by which two rows are about the same. */
  List<Object> texts() {
    return List.of(query, responses);
  }

  /** The same row, held out with {@code other} rows. */
  LabelRow inGroup(String other) {
    return new LabelRow(place, other, query, responses, target);
  }

  /** Tokens, and the same as people read them. */
  public record Passage(Tokens tokens, String text) {}
}
