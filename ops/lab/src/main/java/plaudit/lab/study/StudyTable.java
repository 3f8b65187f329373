package plaudit.lab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import plaudit.lab.study.RunResult.Point;
import plaudit.lab.study.RunResult.Training;

/** What came of each arm, as a table of Markdown; numbers are means over the seeds. */
public final class StudyTable {

  private static final String HEAD =
      """
      | arm | runs | r_s at the end | KL | own reward | entropy | distinct-1 | distinct-2 | invalid | labels | agreement | tripwire |
      |---|---|---|---|---|---|---|---|---|---|---|---|
      """;

  private StudyTable() {}

  /**
   * One arm.
   *
   * @param name of the arm
   * @param title of the arm
   * @param runs how many seeds there are
   * @param rs mean of r_s on held-out prompts over the seeds
   * @param spread standard deviation of that over the seeds (n - 1), 0 for one
   * @param kl nats a sequence
   * @param ownReward mean score that was learned from, over the last updates, in deviations of the
   *     reference's
   * @param entropy nats a sequence
   * @param invalid share of responses without an end
   * @param labels asked
   * @param agreement of the last reward model with the mock human, -1 for none
   * @param tripwires how many seeds a tripwire would have stopped
   * @param tripwireUpdate the first at which one would, -1 for none
   * @param cpuSeconds of a run
   */
  public record Row(
      String name,
      String title,
      int runs,
      double rs,
      double spread,
      double kl,
      double ownReward,
      double entropy,
      double distinct1,
      double distinct2,
      double invalid,
      double labels,
      double agreement,
      int tripwires,
      int tripwireUpdate,
      double cpuSeconds) {}

  /** One row an arm that has runs, in the arms' order. */
  public static List<Row> rows(List<Arm> arms, List<RunResult> results, int last) {
    List<Row> rows = new ArrayList<>();
    for (Arm arm : arms) {
      List<RunResult> own = results.stream().filter(r -> r.arm().equals(arm.name())).toList();
      if (!own.isEmpty()) {
        rows.add(row(arm, own, last));
      }
    }
    return rows;
  }

  private static Row row(Arm arm, List<RunResult> own, int last) {
    double mean = mean(own, run -> run.end().rs());
    double squares = own.stream().mapToDouble(r -> Math.pow(r.end().rs() - mean, 2)).sum();
    List<RunResult> stopped = own.stream().filter(run -> run.tripwire() >= 0).toList();
    return new Row(
        arm.name(),
        arm.title(),
        own.size(),
        mean,
        own.size() < 2 ? 0 : Math.sqrt(squares / (own.size() - 1)),
        mean(own, run -> run.end().kl()),
        mean(own, run -> late(run, last)),
        mean(own, run -> run.end().entropy()),
        mean(own, run -> run.end().distinct1()),
        mean(own, run -> run.end().distinct2()),
        1 - mean(own, run -> run.end().valid()),
        mean(own, RunResult::labels),
        own.stream()
            .filter(run -> !run.trainings().isEmpty())
            .mapToDouble(StudyTable::agreement)
            .average()
            .orElse(-1),
        stopped.size(),
        stopped.stream().mapToInt(RunResult::tripwire).min().orElse(-1),
        mean(own, RunResult::cpuSeconds));
  }

  private static double agreement(RunResult run) {
    List<Training> trainings = run.trainings();
    return trainings.get(trainings.size() - 1).agreement();
  }

  private static double late(RunResult run, int last) {
    List<Point> points = run.points();
    return points.subList(Math.max(0, points.size() - last), points.size()).stream()
        .mapToDouble(Point::score)
        .average()
        .orElse(0);
  }

  private static double mean(List<RunResult> runs, ToDoubleFunction<RunResult> number) {
    return runs.stream().mapToDouble(number).average().orElseThrow();
  }

  /** The table. */
  public static String markdown(List<Row> rows) {
    StringBuilder table = new StringBuilder(HEAD);
    for (Row row : rows) {
      table.append(
          format(
              "| %s | %d | %+.2f%s | %.1f | %+.2f | %.1f | %.3f | %.3f | %.1f %% | %s | %s | %s"
                  + " |%n",
              row.title(),
              row.runs(),
              row.rs(),
              row.runs() < 2 ? "" : format(" ± %.2f", row.spread()),
              row.kl(),
              row.ownReward(),
              row.entropy(),
              row.distinct1(),
              row.distinct2(),
              100 * row.invalid(),
              row.labels() == 0 ? "" : format("%,.0f", row.labels()),
              row.agreement() < 0 ? "" : format("%.0f %%", 100 * row.agreement()),
              row.tripwires() == 0
                  ? ""
                  : format(
                      "%d of %d, update %d", row.tripwires(), row.runs(), row.tripwireUpdate())));
    }
    return table.toString();
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
