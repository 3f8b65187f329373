package plaudit.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import plaudit.eval.measure.Estimate;
import plaudit.lab.study.RunResult.End;
import plaudit.lab.study.RunResult.Point;

class EqualKlTest {

  private static final Arm DIRECT = new Arm("direct", "direct", new Arm.Teacher.Direct(), Map.of());
  private static final Arm LABELS =
      new Arm("offline-8", "8 labels, offline", new Arm.Teacher.Labels(8, 8), Map.of());
  private static final Frontier OPTIMUM =
      new Frontier(
          1, 4, List.of(), List.of(new Frontier.Best(1, 0, 0), new Frontier.Best(64, 8, .8)));

  @Test
  void runsAreReadWhereTheirKlFirstComesToTheWantedOneAndPairedBySeed() {
    // r_s is 0.1 a nat for direct, in steps of one nat; the others have 0.05 and 0.07 of it.
    List<RunResult> runs =
        List.of(
            run("direct", 1, .1, 9),
            run("direct", 2, .1, 9),
            run("offline-8", 1, .05, 9),
            run("offline-8", 2, .07, 9));

    List<EqualKl.Row> rows = EqualKl.rows(List.of(DIRECT, LABELS), runs, OPTIMUM, List.of(4.5), 1);

    assertThat(rows)
        .extracting(EqualKl.Row::name)
        .containsExactly("best-of-n", "direct", "offline-8");
    assertThat(rows.get(0).rs()).isCloseTo(.45, within(1e-9));
    assertThat(rows.get(1).rs()).isCloseTo(.45, within(1e-9));
    assertThat(rows.get(1).ahead()).isNull();
    Estimate ahead = Objects.requireNonNull(rows.get(2).ahead());
    // Differences -0.225 and -0.135: mean -0.18, t of one degree of freedom 12.706, error 0.045.
    assertThat(ahead.mean()).isCloseTo(-.18, within(1e-9));
    assertThat(ahead.high() - ahead.mean()).isCloseTo(12.706 * .045, within(1e-3));
    assertThat(EqualKl.markdown(rows)).contains("| 4.5 | 8 labels, offline | 2 | +0.27 | -0.18 (");
  }

  @Test
  void aRunThatDoesNotComeSoFarDoesNotCount() {
    List<RunResult> runs = List.of(run("direct", 1, .1, 9), run("direct", 2, .1, 3));

    List<EqualKl.Row> rows =
        EqualKl.rows(
            List.of(DIRECT), runs, new Frontier(1, 4, List.of(), List.of()), List.of(6.0, 20.0), 1);

    assertThat(rows).singleElement().satisfies(row -> assertThat(row.runs()).isEqualTo(1));
  }

  private static RunResult run(String arm, int seed, double perNat, int updates) {
    List<Point> points =
        IntStream.range(0, updates)
            .mapToObj(kl -> new Point(kl + 1, perNat * kl, 0, kl, .1, 40, .9, 1, 8))
            .toList();
    return new RunResult(
        arm, seed, points, new End(0, 5, 40, .2, .6, .75, 9, List.of(), 0), List.of(), -1, "", 1);
  }
}
