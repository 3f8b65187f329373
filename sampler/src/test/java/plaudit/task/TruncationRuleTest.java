package plaudit.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import plaudit.tokens.Tokens;

class TruncationRuleTest {

  private static final TruncationRule RULE = new TruncationRule(OptionalInt.of(13), 3, -1);

  @Test
  void onlyARuleThatStopsEndsTheRollout() {
    TruncationRule stops = new TruncationRule(List.of(13), 3, -1, true);
    assertThat(stops.over(3, 13)).isTrue();
    assertThat(stops.over(2, 13)).isFalse();
    assertThat(stops.over(3, 5)).isFalse();
    assertThat(RULE.over(3, 13)).isFalse();
    assertThatThrownBy(() -> new TruncationRule(List.of(), 0, -1, true))
        .hasMessage("end token: none (expected: one, to stop at)");
  }

  @Test
  void theFirstEndTokenOfTheWindowIsKeptAndEndsTheResponse() {
    assertThat(RULE.truncate(Tokens.of(13, 5, 7, 13, 9, 13)))
        .isEqualTo(new TruncationRule.Truncated(Tokens.of(13, 5, 7, 13), true));
  }

  @Test
  void anEndTokenBeforeTheWindowDoesNotCount() {
    assertThat(RULE.truncate(Tokens.of(1, 2, 13, 4, 5, 6)))
        .isEqualTo(new TruncationRule.Truncated(Tokens.of(1, 2, 13, 4, 5, 6), false));
  }

  @Test
  void anEndTokenAtTheVeryEndMakesAResponseValid() {
    assertThat(RULE.truncate(Tokens.of(1, 2, 3, 4, 5, 13)))
        .isEqualTo(new TruncationRule.Truncated(Tokens.of(1, 2, 3, 4, 5, 13), true));
  }

  @Test
  void aResponseShorterThanTheWindowIsNotValid() {
    assertThat(RULE.truncate(Tokens.of(1, 13)).valid()).isFalse();
  }

  @Test
  void withoutAnEndTokenEverythingIsWholeAndValid() {
    assertThat(TruncationRule.NONE.truncate(Tokens.of(1, 2)))
        .isEqualTo(new TruncationRule.Truncated(Tokens.of(1, 2), true));
  }

  @Test
  void thePenaltyReplacesTheScoreAndIsNotAddedToIt() {
    assertThat(RULE.score(true, .7f)).isEqualTo(.7f);
    assertThat(RULE.score(false, .7f)).isEqualTo(-1);
  }

  @Test
  void aBadRuleIsNamed() {
    assertThatThrownBy(() -> new TruncationRule(OptionalInt.empty(), -1, 0))
        .hasMessage("truncate after: -1 (expected: >= 0)");
    assertThatThrownBy(() -> new TruncationRule(OptionalInt.empty(), 0, Float.NaN))
        .hasMessage("penalty: NaN (expected: finite)");
  }
}
