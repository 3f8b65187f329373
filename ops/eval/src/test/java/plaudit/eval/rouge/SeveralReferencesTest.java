package plaudit.eval.rouge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.eval.rouge.Rouge.Overlap;

class SeveralReferencesTest {

  private static final Overlap HALF = new Overlap(2, 4, 4);
  private static final Overlap ALL = new Overlap(3, 4, 3);
  private static final Overlap NONE = new Overlap(0, 4, 5);

  @Test
  void theAverageAddsUpWhatIsCounted() {
    // 5 of 12 units of the candidate, counted once a reference, and of the references' 12.
    Rouge.Score score = SeveralReferences.AVERAGE.score(List.of(HALF, ALL, NONE));

    assertThat(score.precision()).isEqualTo(5 / 12.0);
    assertThat(score.recall()).isEqualTo(5 / 12.0);
  }

  @Test
  void theBestHasTheHighestRecall() {
    assertThat(SeveralReferences.BEST.score(List.of(HALF, ALL, NONE))).isEqualTo(ALL.score());
  }

  @Test
  void theJackknifeLeavesOneOutAtATime() {
    // Best without HALF: ALL. Without ALL: HALF. Without NONE: ALL.
    Rouge.Score score = SeveralReferences.JACKKNIFE.score(List.of(HALF, ALL, NONE));

    assertThat(score.recall()).isCloseTo((1 + .5 + 1) / 3, within(1e-12));
    assertThat(score.precision()).isCloseTo((.75 + .5 + .75) / 3, within(1e-12));
  }

  @Test
  void withOneReferenceAllWaysAreTheSame() {
    for (SeveralReferences several : SeveralReferences.values()) {
      assertThat(several.score(List.of(HALF))).isEqualTo(HALF.score());
    }
  }
}
