package plaudit.lab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.tokens.Tokens;

class TokenDiversityTest {

  private static final List<Tokens> TEXTS = List.of(Tokens.of(1, 2, 1, 2), Tokens.of(1, 2, 3));

  @Test
  void differentRunsAreCountedOverAllTextsTogether() {
    // Of 7 tokens 1, 2, 3; of 5 pairs 12, 21, 23.
    assertThat(TokenDiversity.distinct(TEXTS, 1)).isCloseTo(3 / 7., within(1e-12));
    assertThat(TokenDiversity.distinct(TEXTS, 2)).isCloseTo(3 / 5., within(1e-12));
  }

  @Test
  void textsTooShortHaveNone() {
    assertThat(TokenDiversity.distinct(TEXTS, 5)).isZero();
    assertThat(TokenDiversity.distinct(List.of(), 1)).isZero();
  }
}
