package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.tokens.Tokens;

class LabelSplitTest {

  @Test
  void aboutTheShareIsHeldOut() {
    LabelSplit split = new LabelSplit(.2);

    long heldOut = IntStream.range(0, 10_000).filter(i -> split.heldOut("c-" + i)).count();

    assertThat(heldOut / 10_000d).isCloseTo(.2, within(.02));
  }

  @Test
  void aLabelKeepsItsSideWhenMoreShareIsHeldOut() {
    for (int i = 0; i < 1_000; i++) {
      if (new LabelSplit(.1).heldOut("c-" + i)) {
        assertThat(new LabelSplit(.3).heldOut("c-" + i)).isTrue();
      }
    }
  }

  @Test
  void theSideIsAStableFact() {
    LabelSplit half = new LabelSplit(.5);

    assertThat(List.of("a", "b", "c", "d", "e", "f"))
        .filteredOn(half::heldOut)
        .containsExactly("a", "b", "c", "d");
  }

  @Test
  void judgmentsOfOneComparisonStayTogetherInAnyOrder() {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      labels.add(label(2 * i + 1, "c-" + i, "ann"));
      labels.add(label(2 * i + 2, "c-" + i, "bob"));
    }
    LabelSplit split = new LabelSplit(.3);
    LabelSplit.Sides sides = split.split(labels);
    Collections.shuffle(labels, new Random(7));
    LabelSplit.Sides shuffled = split.split(labels);

    assertThat(sides.heldOut()).isNotEmpty().hasSizeLessThan(200);
    assertThat(sides.training().size() + sides.heldOut().size()).isEqualTo(400);
    assertThat(shuffled.heldOut()).containsExactlyInAnyOrderElementsOf(sides.heldOut());
    assertThat(sides.heldOut()).extracting(l -> l.comparison().id()).allMatch(split::heldOut);
    assertThat(sides.training()).extracting(l -> l.comparison().id()).noneMatch(split::heldOut);
  }

  @Test
  void whereANumberIsToTrainExactlySoManyDoAndTheOthersMeasure() {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < 6_240; i++) {
      labels.add(label(i + 1, "c-" + i, "ann"));
    }
    LabelSplit.Sides sides = new LabelSplit(.2, 4_992).split(labels);

    assertThat(sides.training()).hasSize(4_992);
    assertThat(sides.heldOut()).hasSize(1_248);
    Collections.shuffle(labels, new Random(7));
    assertThat(new LabelSplit(.2, 4_992).split(labels).training())
        .containsExactlyInAnyOrderElementsOf(sides.training());
  }

  @Test
  void noComparisonIsOnBothSidesOfAnExactNumber() {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      labels.add(label(2 * i + 1, "c-" + i, "ann"));
      labels.add(label(2 * i + 2, "c-" + i, "bob"));
    }
    LabelSplit.Sides sides = new LabelSplit(0, 11).split(labels);

    assertThat(sides.training()).hasSize(11);
    assertThat(sides.heldOut()).as("the border's second judgment is left out").hasSize(28);
    List<String> trained = sides.training().stream().map(l -> l.comparison().id()).toList();
    assertThat(sides.heldOut()).extracting(l -> l.comparison().id()).noneMatch(trained::contains);
  }

  @Test
  void noneIsHeldOutAtShareZero() {
    assertThat(IntStream.range(0, 1_000)).noneMatch(i -> new LabelSplit(0).heldOut("" + i));
  }

  @Test
  void aShareMustLeaveSomethingToLearnFrom() {
    assertThatThrownBy(() -> new LabelSplit(1))
        .hasMessage("held-out share: 1.0 (expected: >= 0 and < 1)");
  }

  private static Label label(long sequence, String id, String labeler) {
    Comparison comparison =
        new Comparison(
            id,
            Tokens.of(1),
            "q",
            List.of(
                new Comparison.Sample(Tokens.of(2), "a", 0),
                new Comparison.Sample(Tokens.of(3), "b", 0)));
    return new Label(
        sequence,
        comparison,
        new Judgment(id, "vendor", labeler, new Choice.Best(0), Instant.EPOCH));
  }
}
