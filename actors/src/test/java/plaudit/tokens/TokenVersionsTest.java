package plaudit.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.tokens.TokenVersions.Run;

class TokenVersionsTest {

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void theyTellOfEachTokenWhoWroteIt(@ForAll("rising") long[] each) {
    TokenVersions versions = TokenVersions.ofEach(each);
    assertThat(versions.length()).isEqualTo(each.length);
    for (int i = 0; i < each.length; i++) {
      assertThat(versions.at(i)).isEqualTo(each[i]);
    }
    assertThat(versions.oldest()).isEqualTo(Arrays.stream(each).min().orElseThrow());
    assertThat(versions.newest()).isEqualTo(Arrays.stream(each).max().orElseThrow());
    assertThat(versions.isMixed()).isEqualTo(Arrays.stream(each).distinct().count() > 1);
    assertThat(versions.isOnly(each[0])).isEqualTo(!versions.isMixed());
    assertThat(versions.age(50)).isEqualTo(Arrays.stream(each).map(v -> 50 - v).sum());
    assertThat(new TokenVersions(versions.runs())).isEqualTo(versions);
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void aResponseGoesWithOneThatEndedEarlier(
      @ForAll("rising") long[] each, @ForAll @IntRange(max = 11) int cut) {
    TokenVersions whole = TokenVersions.ofEach(each);
    long[] start = Arrays.copyOf(each, 1 + cut % each.length);
    assertThat(whole.goesWith(TokenVersions.ofEach(start))).isTrue();
    assertThat(TokenVersions.ofEach(start).goesWith(whole)).isTrue();
    start[start.length - 1]++;
    assertThat(whole.goesWith(TokenVersions.ofEach(start))).isFalse();
    assertThat(TokenVersions.ofEach(start).goesWith(whole)).isFalse();
  }

  @Test
  void anOlderVersionNeverTakesOver() {
    assertThatThrownBy(() -> TokenVersions.ofEach(3, 4, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("(expected: rising)");
    assertThatThrownBy(() -> new TokenVersions(List.of(new Run(3, 1), new Run(3, 1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsNoVersionIsRefused() {
    assertThatThrownBy(() -> TokenVersions.of(-1, 2))
        .hasMessage("policyVersion: -1 (expected: >= 0)");
    assertThatThrownBy(() -> TokenVersions.of(2, 0))
        .hasMessage("tokens of version 2: 0 (expected: >= 1)");
    assertThatThrownBy(TokenVersions::ofEach)
        .hasMessage("token versions: none (expected: at least one)");
    assertThatThrownBy(() -> TokenVersions.of(2, 2).at(2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Provide
  Arbitrary<long[]> rising() {
    return Arbitraries.longs()
        .between(0, 9)
        .array(long[].class)
        .ofMinSize(1)
        .ofMaxSize(12)
        .map(
            versions -> {
              Arrays.sort(versions);
              return versions;
            });
  }
}
