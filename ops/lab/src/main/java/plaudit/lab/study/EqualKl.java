package plaudit.lab.study;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import plaudit.eval.measure.Estimate;
import plaudit.eval.report.Table;
import plaudit.eval.verdict.OverSeeds;
import plaudit.lab.study.RunResult.Point;

/**
 * r_s of the arms read off at the same KL, since last values of arms that end at different KLs do
 * not compare. A run is read where its KL, as a moving mean over the updates, first comes to the
 * wanted one; a run that does not come so far does not count. Differences are between runs of one
 * seed, with Student's interval over the seeds.
 */
public final class EqualKl {

  private static final String BASELINE = "direct";

  private EqualKl() {}

  /**
   * One arm at one KL.
   *
   * @param runs how many seeds came so far
   * @param rs mean r_s of these
   * @param ahead of learning directly, over the seeds of which both came so far; null for fewer
   *     than two
   */
  public record Row(
      String name, String title, double kl, int runs, double rs, @Nullable Estimate ahead) {}

  /**
   * Reads all arms at each of {@code kls}, and the best of n of the reference.
   *
   * @param last updates of the moving mean
   */
  public static List<Row> rows(
      List<Arm> arms, List<RunResult> results, Frontier optimum, List<Double> kls, int last) {
    List<Row> rows = new ArrayList<>();
    for (double kl : kls) {
      OptionalDouble best = interpolated(optimum.bestOf(), kl);
      best.ifPresent(rs -> rows.add(new Row("best-of-n", "best of n by r_s", kl, 1, rs, null)));
      for (Arm arm : arms) {
        List<Double> values = new ArrayList<>();
        List<Double> differences = new ArrayList<>();
        for (RunResult run : of(results, arm.name())) {
          OptionalDouble own = at(run, kl, last);
          if (own.isPresent()) {
            values.add(own.getAsDouble());
            of(results, BASELINE).stream()
                .filter(it -> it.seed() == run.seed() && !arm.name().equals(BASELINE))
                .flatMap(it -> at(it, kl, last).stream().boxed())
                .forEach(direct -> differences.add(own.getAsDouble() - direct));
          }
        }
        if (!values.isEmpty()) {
          rows.add(
              new Row(
                  arm.name(),
                  arm.title(),
                  kl,
                  values.size(),
                  values.stream().mapToDouble(it -> it).average().orElseThrow(),
                  differences.size() < 2
                      ? null
                      : OverSeeds.mean(differences.stream().mapToDouble(it -> it).toArray())));
        }
      }
    }
    return rows;
  }

  private static List<RunResult> of(List<RunResult> results, String arm) {
    return results.stream()
        .filter(it -> it.arm().equals(arm))
        .sorted(Comparator.comparingInt(RunResult::seed))
        .toList();
  }

  /** r_s where the run first comes to {@code kl}; empty if it does not. */
  static OptionalDouble at(RunResult run, double kl, int last) {
    double[] kls = smooth(run.points().stream().mapToDouble(Point::kl).toArray(), last);
    double[] rs = smooth(run.points().stream().mapToDouble(Point::rs).toArray(), last);
    return IntStream.range(1, kls.length)
        .filter(i -> kls[i - 1] < kl && kls[i] >= kl)
        .mapToDouble(i -> between(kls[i - 1], rs[i - 1], kls[i], rs[i], kl))
        .findFirst();
  }

  private static OptionalDouble interpolated(List<Frontier.Best> points, double kl) {
    return IntStream.range(1, points.size())
        .filter(i -> points.get(i - 1).kl() < kl && points.get(i).kl() >= kl)
        .mapToDouble(
            i ->
                between(
                    points.get(i - 1).kl(),
                    points.get(i - 1).rs(),
                    points.get(i).kl(),
                    points.get(i).rs(),
                    kl))
        .findFirst();
  }

  private static double between(double x0, double y0, double x1, double y1, double x) {
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
  }

  /** A centred moving mean, narrower at the ends. */
  private static double[] smooth(double[] values, int last) {
    double[] smooth = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int reach = Math.min(last / 2, Math.min(i, values.length - 1 - i));
      double sum = 0;
      for (int j = i - reach; j <= i + reach; j++) {
        sum += values[j];
      }
      smooth[i] = sum / (2 * reach + 1);
    }
    return smooth;
  }

  /** The table, as Markdown. */
  public static String markdown(List<Row> rows) {
    return Table.<Row>of(rows)
        .column("KL", "%.1f", Row::kl)
        .column("arm", Row::title)
        .column("seeds that came so far", Row::runs)
        .column("r_s", "%+.2f", Row::rs)
        .column("against direct, same seed (95 % interval)", row -> words(row.ahead()))
        .markdown();
  }

  private static String words(@Nullable Estimate ahead) {
    return ahead == null
        ? ""
        : Table.format("%+.2f (%+.2f to %+.2f)", ahead.mean(), ahead.low(), ahead.high());
  }
}
