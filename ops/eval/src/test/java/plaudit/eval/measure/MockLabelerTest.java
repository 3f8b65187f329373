package plaudit.eval.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import plaudit.eval.measure.MockLabeler.Ties;
import plaudit.labels.Choice;

class MockLabelerTest {

  private static final MockLabeler SURE = new MockLabeler(0, 0, Ties.DRAW);

  @Property
  void withoutTemperatureTheHighestIsChosen(
      @ForAll @Size(min = 2, max = 6) double @DoubleRange(min = -1, max = 1) [] valences,
      @ForAll long seed) {
    Choice.Best best = (Choice.Best) SURE.choose(valences, new Random(seed));

    for (double valence : valences) {
      assertThat(valences[best.index()]).isGreaterThanOrEqualTo(valence);
    }
  }

  @Test
  void equallyGoodOnesAreDrawnByLot() {
    assertThat(shares(SURE, .5, .5, .1)).containsExactly(new double[] {.5, .5, 0}, within(.02));
  }

  @Test
  void allTheSameMayBeDeclaredATie() {
    MockLabeler honest = new MockLabeler(0, .01, Ties.DECLARE);

    assertThat(honest.choose(new double[] {.2, .205}, new Random(1)))
        .isEqualTo(new Choice.NoPreference(Choice.Reason.TIE));
    assertThat(honest.choose(new double[] {.2, .3}, new Random(1))).isEqualTo(new Choice.Best(1));
    assertThat(new MockLabeler(0, .01, Ties.DRAW).choose(new double[] {.2, .205}, new Random(1)))
        .isInstanceOf(Choice.Best.class);
  }

  @Test
  void temperatureMakesChoicesBoltzmann() {
    double e = Math.E;

    assertThat(shares(new MockLabeler(.5, 0, Ties.DRAW), 0, .5, 0))
        .containsExactly(new double[] {1 / (e + 2), e / (e + 2), 1 / (e + 2)}, within(.02));
  }

  @Test
  void aTinyTemperatureIsAsGoodAsNone() {
    assertThat(shares(new MockLabeler(1e-9, 0, Ties.DRAW), -1, 1)).containsExactly(0, 1);
  }

  @Test
  void theSameSeedChoosesTheSame() {
    MockLabeler noisy = new MockLabeler(1, 0, Ties.DRAW);
    double[] valences = {.1, .2, .3, .4};

    assertThat(noisy.choose(valences, new Random(5)))
        .isEqualTo(noisy.choose(valences, new Random(5)));
  }

  @Test
  void badSettingsAreNamed() {
    assertThatThrownBy(() -> new MockLabeler(-1, 0, Ties.DRAW))
        .hasMessage("temperature: -1.0 (expected: >= 0)");
    assertThatThrownBy(() -> new MockLabeler(0, Double.NaN, Ties.DRAW))
        .hasMessage("tieWithin: NaN (expected: >= 0)");
    assertThatThrownBy(() -> SURE.choose(new double[] {1}, new Random(1)))
        .hasMessage("valences: 1 (expected: >= 2)");
  }

  private static double[] shares(MockLabeler labeler, double... valences) {
    Random random = new Random(11);
    double[] shares = new double[valences.length];
    for (int i = 0; i < 10_000; i++) {
      if (labeler.choose(valences, random) instanceof Choice.Best best) {
        shares[best.index()] += 1 / 10_000d;
      }
    }
    for (int i = 0; i < shares.length; i++) {
      shares[i] = Math.round(shares[i] * 10_000) / 10_000d;
    }
    return shares;
  }
}
