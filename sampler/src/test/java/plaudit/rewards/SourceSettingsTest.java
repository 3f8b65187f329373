package plaudit.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;
import plaudit.rewards.SourceSettings.Length;
import plaudit.rewards.SourceSettings.LengthUnit;
import plaudit.rewards.SourceSettings.Matching;
import plaudit.rewards.SourceSettings.Measure;
import plaudit.rewards.SourceSettings.Part;
import plaudit.rewards.SourceSettings.Remote;

class SourceSettingsTest {

  @Test
  void withoutAWordTheRunsRewardModelScores() {
    SourceSettings settings = read("");

    assertThat(settings.isRunAlone()).isTrue();
    assertThat(settings.asksPeople()).isTrue();
  }

  @Test
  void aRuleAloneNeedsNoPeople() {
    SourceSettings settings = read("source = rule, rule { pattern = \"\\\\d+\", measure = share }");

    assertThat(settings.asksPeople()).isFalse();
    assertThat(settings.parts()).extracting(Part::name).containsExactly("rule");
    Matching rule = (Matching) settings.parts().get(0).kind();
    assertThat(rule.pattern().pattern()).isEqualTo("\\d+");
    assertThat(rule.measure()).isEqualTo(Measure.SHARE);
  }

  @Test
  void aSumIsAListOrAListOfNamesInOneText() {
    String more = ", rule.length = 5, rule.weight = 0.5";

    assertThat(read("source = [run, rule]" + more))
        .isEqualTo(read("source = \"run, rule\"" + more));
    SourceSettings sum = read("source = [run, rule]" + more);
    assertThat(sum.parts()).extracting(Part::weight).containsExactly(1.0, 0.5);
    assertThat(sum.asksPeople()).isTrue();
    assertThat(sum.isRunAlone()).isFalse();
  }

  @Test
  void twoOfAKindHaveNamesAndSettingsOfTheirOwn() {
    SourceSettings sum =
        read(
            "source = [{kind = rule, name = short, length = 12, weight = 2},"
                + " {kind = rule, name = vowels, pattern = \"[aeiou]\"}]");

    assertThat(sum.parts()).extracting(Part::name).containsExactly("short", "vowels");
    assertThat(sum.parts().get(0).kind()).isEqualTo(new Length(12, LengthUnit.TOKENS));
    assertThat(sum.parts().get(0).weight()).isEqualTo(2);
  }

  @Test
  void aScorersConnectionHasBounds() {
    Remote remote =
        (Remote) read("source = remote, remote.url = \"http://h:1/s\"").parts().get(0).kind();

    assertThat(remote.batch()).isEqualTo(32);
    assertThat(remote.http().inFlight()).isEqualTo(4);
    assertThat(remote.http().retries()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "source = oracle | plaudit.reward.source: oracle (expected: run, model, rule, remote or judge)",
        "source = [] | plaudit.reward.source: [] (expected: run, model, rule, remote or judge, or a list of them)",
        "source = rule | plaudit.reward.rule: no rule (expected: one of pattern, length, answer, class;",
        "source = rule, rule.length = -1 | plaudit.reward.rule.length: -1 (expected: >= 1)",
        "source = rule, rule.pattern = \"(\" | plaudit.reward.rule.pattern: ( (expected: a regular expression of Java; Unclosed group at index 1)",
        "source = rule, rule.answer = some | plaudit.reward.rule.answer: some (expected: equal, contained, last-number)",
        "source = [rule, rule], rule.length = 3 | plaudit.reward.source: rule twice (expected: a name for each",
        "source = [{kind = rule, lenght = 3}] | plaudit.reward.source: rule: lenght (expected: a key of plaudit.reward.rule",
        "source = model | plaudit.reward.model.directory: not set (expected: a path)",
        "source = remote | plaudit.reward.remote.url: not set (expected: a URL such as",
        "source = remote, remote.url = \"h:1\" | plaudit.reward.remote.url: h:1 (expected: a URL such as",
        "source = judge, judge.url = \"http://h/v1\" | plaudit.reward.judge.model: not set (expected:",
        "source = remote, remote { url = \"http://h/\", timeout = 0s } | plaudit.reward.remote.timeout: PT0S (expected: > 0)",
        "give-up-after = 0s | plaudit.reward.give-up-after: PT0S (expected: > 0)"
      })
  void aValueThatMakesNoSenseIsNamed(String given, String message) {
    assertThatThrownBy(() -> read(given))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source = remote, remote.url = \"http://me:hunter2@h/s\"",
        "source = remote, remote { url = \"http://h/s\", key-env = \"sk-hunter2\" }"
      })
  void aSecretInTheSettingsIsRefusedAndNotRepeated(String given) {
    assertThatThrownBy(() -> read(given))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageNotContaining("hunter2");
  }

  static SourceSettings read(String reward) {
    return SourceSettings.from(
        ConfigFactory.parseString("plaudit.reward { " + reward + " }")
            .withFallback(ConfigFactory.defaultReference())
            .resolve());
  }
}
