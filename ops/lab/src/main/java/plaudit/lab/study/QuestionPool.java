package plaudit.lab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import plaudit.labels.Label;

/**
 * Labels of responses of the reference, which all runs of one seed begin with: asked once, whoever
 * needs them first. Which label is the n-th does not depend on who asked. Safe for many threads.
 */
final class QuestionPool {

  private final List<Label> labels = new ArrayList<>();
  private long position;

  /**
   * The first labels.
   *
   * @param ask makes the labels of a few prompts from a position of the deck on
   * @param prompts how many positions one call of {@code ask} goes through
   */
  synchronized List<Label> first(int count, LongFunction<List<Label>> ask, int prompts) {
    int barren = 0;
    while (labels.size() < count) {
      List<Label> more = ask.apply(position);
      position += prompts;
      labels.addAll(more);
      barren = more.isEmpty() ? barren + 1 : 0;
      if (barren == MockLabels.BARREN) {
        throw MockLabels.nothingToAsk(barren * prompts);
      }
    }
    return List.copyOf(labels.subList(0, count));
  }
}
