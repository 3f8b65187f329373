package plaudit.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.lab.bench.AsyncBench.Cell;
import plaudit.lab.bench.AsyncTable.Row;

class AsyncTableTest {

  @Test
  void aRunIsReadFromItsOwnNumbers() {
    AsyncCell cell = cell(2, 1, 10, 2.0, 1.0);

    assertThat(cell.throughput()).isCloseTo(16 / 2.0, within(1e-9));
    assertThat(cell.learnerBusy()).isCloseTo(.75, within(1e-9));
    assertThat(cell.samplerBusy()).isCloseTo(.5, within(1e-9));
    assertThat(cell.staleness()).isEqualTo(2);
    assertThat(cell.oldest()).isEqualTo(3);
    assertThat(cell.winRate()).isEqualTo(.7);
    assertThat(cell.curve()).hasSize(10);
  }

  @Test
  void aRewardIsReachedWhenTheMeanOfFiveUpdatesIs() {
    AsyncCell cell = cell(0, 1, 20, 1.0, 1.0);

    // Rewards are 1, 2, 3, ...; the mean of updates 6 to 10 is 8, and 10 takes 10 seconds.
    assertThat(cell.secondsTo(8)).hasValue(10);
    assertThat(cell.secondsTo(7.99)).hasValue(10);
    assertThat(cell.secondsTo(100)).isEmpty();
  }

  @Test
  void theTargetIsOneThatEverySynchronousRunReaches() {
    AsyncTable table =
        AsyncTable.of(
            List.of(cell(0, 1, 20, 2, 1), cell(0, 2, 20, 2, .5), cell(1, 1, 20, 1, 1)),
            OptionalDouble.empty());

    // The slower: smoothed rewards go from 1.5 to 9, four fifths of that way.
    assertThat(table.target()).isCloseTo(1.5 + .8 * 7.5, within(1e-9));
    Row synchronous = table.rows().get(0);
    assertThat(synchronous.secondsToTarget().seeds()).isEqualTo(2);
    assertThat(table.rows().get(1).secondsToTarget().mean())
        .isLessThan(synchronous.secondsToTarget().low());
  }

  @Test
  void whoNeverGetsThereIsNotCounted() {
    AsyncTable table =
        AsyncTable.of(List.of(cell(0, 1, 20, 1, 1), cell(0, 2, 20, 1, .1)), OptionalDouble.of(10));

    Row row = table.rows().get(0);
    assertThat(row.secondsToTarget().seeds()).isEqualTo(1);
    assertThat(AsyncPage.table(table, Variation.NONE).markdown()).contains(", 1 of 2 runs |");
    assertThat(row.runs()).isEqualTo(2);
  }

  @Test
  void thePageIsFilledBetweenItsMarksAndAgain() {
    String page = "before\n<!-- bench async -->\nold\n<!-- /bench async -->\nafter\n";

    String once = MarkedPage.filled(page, "bench async", "new\n");

    assertThat(once).isEqualTo("before\n<!-- bench async -->\nnew\n<!-- /bench async -->\nafter\n");
    assertThat(MarkedPage.filled(once, "bench async", "new\n")).isEqualTo(once);
    assertThatThrownBy(() -> MarkedPage.filled("nothing", "bench async", "new"))
        .isInstanceOf(InvalidInputException.class);
  }

  @Test
  void curvesAndTableNameEveryEta() {
    List<AsyncCell> cells = List.of(cell(0, 1, 8, 1, 1), cell(4, 1, 8, 1, 1));

    assertThat(AsyncPage.rewardOverTime(cells)).contains("synchronous", "eta 4", "seconds");
    assertThat(AsyncPage.rewardOverUpdates(cells)).contains("policy update");
    assertThat(AsyncPage.table(table(cells), Variation.NONE).markdown())
        .contains("| 0 (synchronous) | 1 |", "| 4 | 1 |", "published to applied, ms")
        .doesNotContain("several versions");
  }

  @Test
  void aSettingThatIsVariedHasAColumnAndARowForEachValueInItsOrder() {
    Variation variation = Variation.of("sampler.in-flight=off, keep-cache");
    List<AsyncCell> cells =
        List.of(
            cell(new Cell(4, "off", 1), 8, 1, 1, 0),
            cell(new Cell(4, "keep-cache", 1), 8, 1, 1, .5),
            cell(new Cell(4, "off", 2), 8, 1, 1, 0));

    assertThat(AsyncPage.table(table(cells), variation).markdown().lines())
        .satisfiesExactly(
            heads -> assertThat(heads).contains("| eta | sampler.in-flight | runs |"),
            rule -> assertThat(rule).startsWith("| --- "),
            off -> assertThat(off).startsWith("| 4 | off | 2 |").contains("| 0 (0 to 0) |"),
            kept -> assertThat(kept).startsWith("| 4 | keep-cache | 1 |").contains("| 50 |"));
    assertThat(AsyncPage.rewardOverTime(cells)).contains(">keep-cache<");
  }

  @Test
  void aSettingIsVariedOverDistinctValuesOnly() {
    assertThat(Variation.of("a.b=1,2").values()).containsExactly("1", "2");
    for (String wrong : List.of("a.b", "a.b=", "=1", "a.b=1,1", "a.b=1,,2")) {
      assertThatThrownBy(() -> Variation.of(wrong))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(wrong);
    }
    assertThatThrownBy(() -> Variation.of("plaudit.experience.eta=1,2"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "--vary: plaudit.experience.eta (expected: another setting: --eta and --seeds set it)");
  }

  private static AsyncTable table(List<AsyncCell> cells) {
    return AsyncTable.of(cells, OptionalDouble.empty());
  }

  private static AsyncCell cell(int eta, long seed, int updates, double seconds, double gain) {
    return cell(new Cell(eta, "", seed), updates, seconds, gain, 0);
  }

  /** Updates that take so long each and gain so much reward each. */
  private static AsyncCell cell(
      Cell cell, int updates, double seconds, double gain, double swapped) {
    List<Map<String, Number>> lines = new ArrayList<>();
    lines.add(Map.of("seconds", 0.1, "reward/version", 0));
    for (int i = 1; i <= updates; i++) {
      Map<String, Number> line = new LinkedHashMap<>();
      line.put("update", i);
      line.put("seconds", i * seconds);
      line.put("reward", i * gain);
      line.put("kl", 0.1 * i);
      line.put("staleness", cell.eta());
      line.put("async/staleness_max", cell.eta() + 1);
      line.put("async/publish_to_applied", .02);
      line.put("async/swapped", swapped);
      line.put("busy/learner", .75);
      line.put("busy/sampler", .5);
      lines.add(line);
    }
    return AsyncCell.of(cell, 16, lines, Map.of("kl", 6.0, "winRate", .7, "difference", .4));
  }
}
