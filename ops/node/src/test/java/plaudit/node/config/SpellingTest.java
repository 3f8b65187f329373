package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SpellingTest {

  @Test
  void distanceCountsLettersThatDiffer() {
    assertThat(Spelling.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Spelling.distance("", "abc")).isEqualTo(3);
    assertThat(Spelling.distance("prot", "port")).isEqualTo(1);
  }

  @Property(tries = 200)
  void distanceIsTheSameFromBothSidesAndZeroForTheSameWord(
      @ForAll @StringLength(max = 8) String a, @ForAll @StringLength(max = 8) String b) {
    assertThat(Spelling.distance(a, b)).isEqualTo(Spelling.distance(b, a));
    assertThat(Spelling.distance(a, b) == 0).isEqualTo(a.equals(b));
    assertThat(Spelling.distance(a, b)).isLessThanOrEqualTo(Math.max(a.length(), b.length()));
  }

  @Test
  void theNearestWordComesFirstAndFarOnesNotAtAll() {
    List<String> options = List.of("--port", "--prompt", "--json", "--model");

    assertThat(Spelling.nearest("--prot", options, 3))
        .startsWith("--port")
        .doesNotContain("--json");
    assertThat(Spelling.nearest("--everything", options, 3)).isEmpty();
  }
}
