package plaudit.eval.panel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import plaudit.stats.Wilson;

/**
 * Whom majorities prefer.
 *
 * @param wins for each writer, the slates won; a text that k writers wrote is 1/k of a win for each
 * @param ties slates without a majority
 * @param alike slates on which all writers wrote the same, which nobody was asked about
 * @param open slates that are not judged; they do not count
 */
public record Tally(List<Double> wins, int ties, int alike, int open) {

  public Tally {
    wins = List.copyOf(wins);
  }

  static Tally none(int writers) {
    return new Tally(Collections.nCopies(writers, 0d), 0, 0, 0);
  }

  Tally withTie() {
    return new Tally(wins, ties + 1, alike, open);
  }

  Tally withAlike() {
    return new Tally(wins, ties, alike + 1, open);
  }

  Tally withOpen() {
    return new Tally(wins, ties, alike, open + 1);
  }

  /** One more slate, won by whoever wrote {@code text}. */
  Tally withWin(ResponseSet slate, String text) {
    long sharers = slate.texts().stream().filter(text::equals).count();
    List<Double> more = new ArrayList<>(wins);
    for (int writer = 0; writer < more.size(); writer++) {
      if (slate.texts().get(writer).equals(text)) {
        more.set(writer, more.get(writer) + 1.0 / sharers);
      }
    }
    return new Tally(more, ties, alike, open);
  }

  /** How many slates count. */
  public int counted() {
    return (int) Math.round(wins.stream().mapToDouble(Double::doubleValue).sum()) + ties + alike;
  }

  /**
   * The share of a writer with its 95 % interval; what has no winner is shared among all, so that
   * between two a tie is half a win.
   */
  public Wilson share(int writer) {
    double points = wins.get(writer) + (double) (ties + alike) / wins.size();
    return Wilson.of(Math.min(points, counted()), counted());
  }
}
