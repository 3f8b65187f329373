package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.stats.Agreement;
import plaudit.stats.Wins;
import plaudit.tokens.Tokens;

class LabelPoolTest {

  private static final Choice TIE = new Choice.NoPreference(Choice.Reason.TIE);

  private static final List<Label> SOME =
      List.of(
          label(1, question("q1"), "anna", best(0)),
          label(2, question("q2"), "anna", TIE),
          label(3, question("q1"), "ben", best(1)),
          label(4, question("q1"), "anna", best(2)),
          label(5, validation("v1"), "ben", best(3)),
          label(6, question("q3"), "carl", best(1)));

  @Test
  void aPersonsNewestWordCounts() {
    LabelPool pool = pool(SOME);

    assertThat(pool.all()).extracting(Label::sequence).containsExactly(4L, 3L, 2L, 6L, 5L);
    assertThat(pool.preferences()).isEqualTo(4);
  }

  @Test
  void aPreferenceThatWasTakenBackIsNone() {
    LabelPool pool = pool(SOME);
    pool.add(label(7, question("q3"), "carl", TIE));

    assertThat(pool.preferences()).isEqualTo(3);
  }

  /** Late, early, out of order and twice: the same labels are the same training. */
  @Property
  void theOrderOfArrivalDoesNotMatter(@ForAll("arrivals") List<Label> arrivals) {
    assertThat(pool(arrivals).all()).isEqualTo(pool(SOME).all());
    assertThat(pool(arrivals).preferences()).isEqualTo(pool(SOME).preferences());
  }

  @Provide
  Arbitrary<List<Label>> arrivals() {
    List<Label> twice = new ArrayList<>(SOME);
    twice.addAll(SOME);
    return Arbitraries.shuffle(twice);
  }

  @Test
  void theWinRateLooksBackOnTheNewestValidationLabels() {
    LabelPool pool = new LabelPool();
    pool.add(label(1, validation("v1"), "anna", best(0)));
    pool.add(label(2, validation("v2"), "anna", best(2)));
    pool.add(label(3, validation("v3"), "anna", best(3)));
    pool.add(label(4, validation("v4"), "anna", TIE));
    pool.add(label(5, question("q1"), "anna", best(3)));

    assertThat(pool.wins(100)).isEqualTo(new Wins(2.5, 4));
    assertThat(pool.wins(3)).isEqualTo(new Wins(2.5, 3));
    assertThat(pool.wins(3).rate().share()).isCloseTo(2.5 / 3, within());
  }

  @Test
  void peopleAgreeAsOftenAsTheirPairsDo() {
    LabelPool pool = new LabelPool();
    pool.add(label(1, question("q1"), "anna", best(0)));
    pool.add(label(2, question("q1"), "ben", best(0)));
    pool.add(label(3, question("q1"), "carl", best(1)));
    pool.add(label(4, question("q1"), "dora", TIE));
    pool.add(label(5, question("q2"), "anna", best(1)));

    assertThat(pool.betweenPeople()).isEqualTo(new Agreement(1, 3));
  }

  @Test
  void anAmendedJudgmentTakesItsOldCountsBack() {
    LabelPool pool = new LabelPool();
    pool.add(label(1, validation("v1"), "anna", best(0)));
    pool.add(label(2, validation("v1"), "ben", best(0)));
    pool.add(label(3, validation("v1"), "anna", best(2)));

    assertThat(pool.betweenPeople()).isEqualTo(new Agreement(0, 1));
    assertThat(pool.wins(100)).isEqualTo(new Wins(1, 2));
  }

  /** Counted in bytes allocated, which no load of the machine changes. */
  @Test
  void neitherALabelNorACountCostsMoreWhenThereAreMoreLabels() {
    LabelPool few = new LabelPool();
    LabelPool many = new LabelPool();
    labels(0, 200).forEach(few::add);
    labels(0, 20_000).forEach(many::add);
    allocatedBy(few, 200); // first calls load classes

    long byFew = allocatedBy(few, 300);
    assertThat(allocatedBy(many, 20_000)).isBetween(byFew / 2, byFew * 2);
  }

  private static long allocatedBy(LabelPool pool, int held) {
    List<Label> more = labels(held, 100);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (Label label : more) {
      pool.add(label);
      pool.wins(100);
      pool.betweenPeople();
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static List<Label> labels(int from, int count) {
    return IntStream.range(from, from + count)
        .mapToObj(i -> label(i, validation("v" + i), "anna", best(i % 4)))
        .toList();
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.api.Assertions.within(1e-12);
  }

  private static LabelPool pool(List<Label> labels) {
    LabelPool pool = new LabelPool();
    labels.forEach(pool::add);
    return pool;
  }

  private static Choice best(int index) {
    return new Choice.Best(index);
  }

  private static Comparison question(String id) {
    return comparison(id, 3, 3, 3, 3);
  }

  private static Comparison validation(String id) {
    return comparison(id, 0, 0, 3, 3);
  }

  private static Comparison comparison(String id, long... versions) {
    return new Comparison(
        id,
        Tokens.of(1),
        "x",
        IntStream.range(0, versions.length)
            .mapToObj(i -> new Sample(Tokens.of(i), "y" + i, versions[i]))
            .toList());
  }

  private static Label label(long sequence, Comparison comparison, String who, Choice choice) {
    return new Label(
        sequence, comparison, new Judgment(comparison.id(), "acme", who, choice, Instant.EPOCH));
  }
}
