package plaudit.gateway.store;

import java.util.List;

/**
 * A part of a list that grows at its end.
 *
 * @param items in order of arrival
 * @param next where the following page starts, 0 when there is none
 */
public record JudgmentPage(List<StoredJudgment> items, long next) {
  public JudgmentPage {
    items = List.copyOf(items);
  }
}
