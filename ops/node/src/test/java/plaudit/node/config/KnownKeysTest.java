package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class KnownKeysTest {

  private final KnownKeys known =
      new KnownKeys(
          ConfigFactory.parseString(
              """
              plaudit {
                policy { learning-rate = 1e-5, whiten = on, layers = [1], vendors {} }
                reward { learning-rate = 1e-5 }
              }
              """));

  @Test
  void whatHasADefaultIsKnown() {
    assertThatCode(() -> known.check(parsed("plaudit.policy.learning-rate = 3")))
        .doesNotThrowAnyException();
  }

  @Test
  void anythingGoesBelowAnEmptyObject() {
    assertThatCode(() -> known.check(parsed("plaudit.policy.vendors.acme.key = x")))
        .doesNotThrowAnyException();
  }

  @Test
  void aSwitchTakesAnyWordForOnOrOff() {
    assertThatCode(() -> known.check(parsed("plaudit.policy.whiten = false")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> known.check(parsed("plaudit.policy.whiten = maybe")))
        .hasMessageContaining("\"maybe\" (expected: on or off)");
  }

  @Test
  void aListStaysAList() {
    assertThatThrownBy(() -> known.check(parsed("plaudit.policy.layers = 3")))
        .hasMessageContaining("3 (expected: a list like [1])");
  }

  @Test
  void aWholeUnknownSectionIsNamedByItsFirstKey() {
    assertThatThrownBy(() -> known.check(parsed("plaudit.polcy { learning-rate = 3 }")))
        .hasMessageContaining("plaudit.polcy.learning-rate")
        .hasMessageContaining("did you mean plaudit.policy.learning-rate?");
  }

  @Test
  void nothingIsSuggestedForWhatIsLikeNothing() {
    assertThat(known.nearest("plaudit.policy.zzzzzzzzzzz")).isEmpty();
    assertThatThrownBy(() -> known.check(parsed("plaudit.qqqq.zzzz = 1")))
        .hasMessageContaining("no key is like it");
  }

  private static Config parsed(String text) {
    return ConfigFactory.parseString(text);
  }
}
