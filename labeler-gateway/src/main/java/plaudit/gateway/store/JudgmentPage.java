package plaudit.gateway.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list that grows at its end.
 *
 * @param items in order of arrival
 * @param next the judgment after which the following page starts, null when there is none
 */
public record JudgmentPage(List<StoredJudgment> items, @Nullable String next) {
  public JudgmentPage {
    items = List.copyOf(items);
  }

  /** The first {@code limit} of rows of which one more was looked for. */
  static JudgmentPage of(List<JudgmentRow> rows, int limit) {
    boolean more = rows.size() > limit;
    List<JudgmentRow> shown = more ? rows.subList(0, limit) : rows;
    return new JudgmentPage(
        shown.stream().map(JudgmentRow::stored).toList(), more ? shown.get(limit - 1).id() : null);
  }
}
