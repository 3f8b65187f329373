package plaudit.lab.study;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import plaudit.eval.report.Table;
import plaudit.lab.study.RunResult.Point;
import plaudit.lab.study.RunResult.Training;

/** The results of each arm as a table of Markdown; numbers are means over the seeds. */
public final class StudyTable {

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
   * @param ownReward mean score learned from, over the last updates, in deviations of the
   *     reference's
   * @param entropy nats a sequence
   * @param second mean score of the second judge
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
      double second,
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
        mean(own, run -> run.end().second()),
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
    return Table.<Row>of(rows)
        .column("arm", Row::title)
        .column("runs", Row::runs)
        .column(
            "r_s at the end",
            r -> Table.format("%+.2f", r.rs()) + when(r.runs() > 1, " ± %.2f", r.spread()))
        .column("KL", "%.1f", Row::kl)
        .column("own reward", "%+.2f", Row::ownReward)
        .column("entropy", "%.1f", Row::entropy)
        .column("distinct-1", "%.3f", Row::distinct1)
        .column("distinct-2", "%.3f", Row::distinct2)
        .column("second judge", "%+.3f", Row::second)
        .column("invalid", "%.1f %%", row -> 100 * row.invalid())
        .column("labels", r -> when(r.labels() > 0, "%,.0f", r.labels()))
        .column("agreement", r -> when(r.agreement() >= 0, "%.0f %%", 100 * r.agreement()))
        .column(
            "tripwire",
            r ->
                when(
                    r.tripwires() > 0,
                    "%d of %d, update %d",
                    r.tripwires(),
                    r.runs(),
                    r.tripwireUpdate()))
        .markdown();
  }

  private static String when(boolean shown, String format, Object... values) {
    return shown ? format(format, values) : "";
  }

  static String format(String format, Object... values) {
    return Table.format(format, values);
  }
}
