package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuestionYieldTest {

  @Test
  void itSaysWhatAQuestionCosts() {
    assertThat(new QuestionYield(600, 8_400, 2_350, 0).words())
        .isEqualTo("of 8,400 responses 2,350 can be shown; a question costs 14 responses");
    assertThat(new QuestionYield(0, 400, 3, 4).words())
        .isEqualTo("of 400 responses 3 can be shown; no question came of them; 4 prompts given up");
  }

  @Test
  void aYieldBelowTheLeastIsSaidOnceThereAreEnoughResponses() {
    QuestionYield poor = new QuestionYield(1, 1_000, 49, 9);
    assertThat(poor.tooLow(.05, 1_001)).isEmpty();
    assertThat(poor.tooLow(.049, 1_000)).isEmpty();
    assertThat(poor.tooLow(.05, 1_000).orElseThrow())
        .startsWith("question yield: 4.9 %, of 1,000 responses 49 can be shown; a question costs")
        .contains("expected: >= 5 %");
  }

  @Test
  void yieldsAddUpAndAreTakenApartAgain() {
    QuestionYield one = new QuestionYield(1, 20, 5, 2);
    QuestionYield two = new QuestionYield(3, 40, 13, 0);
    assertThat(one.plus(two)).isEqualTo(new QuestionYield(4, 60, 18, 2));
    assertThat(one.plus(two).minus(one)).isEqualTo(two);
    assertThat(QuestionYield.NONE.share()).isZero();
  }
}
