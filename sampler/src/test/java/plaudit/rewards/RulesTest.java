package plaudit.rewards;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import plaudit.model.Compute;
import plaudit.rewards.Rule.Judged;
import plaudit.rewards.SourceSettings.Answer;
import plaudit.rewards.SourceSettings.LengthUnit;
import plaudit.rewards.SourceSettings.Measure;
import plaudit.scoring.RewardSource;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class RulesTest {

  @Test
  void aPatternIsFoundOrCountedOrMeasured() {
    Pattern vowels = Pattern.compile("[ae]");

    assertThat(Rules.pattern(vowels, Measure.FOUND).score(judged("banana"))).isEqualTo(1);
    assertThat(Rules.pattern(vowels, Measure.FOUND).score(judged("bnn"))).isZero();
    assertThat(Rules.pattern(vowels, Measure.COUNT).score(judged("banana"))).isEqualTo(3);
    assertThat(Rules.pattern(vowels, Measure.SHARE).score(judged("banana"))).isEqualTo(0.5);
    assertThat(Rules.pattern(vowels, Measure.SHARE).score(judged(""))).isZero();
  }

  @Test
  void theBestLengthScoresZeroAndTheOthersLess() {
    Rule rule = Rules.length(4, LengthUnit.WORDS);

    assertThat(rule.score(judged("one two three four"))).isZero();
    assertThat(rule.score(judged("one two"))).isCloseTo(-0.5, within(1e-9));
    assertThat(rule.score(judged(" "))).isEqualTo(-1);
    assertThat(Rules.length(5, LengthUnit.CHARACTERS).score(judged("seven++"))).isEqualTo(-0.4);
    assertThat(Rules.length(10, LengthUnit.TOKENS).score(judged("any"))).isEqualTo(-0.3);
  }

  @Test
  void anAnswerIsGivenByTextOrByTheLastNumber() {
    assertThat(answer(Answer.EQUAL, " Forty  two ", "forty two")).isEqualTo(1);
    assertThat(answer(Answer.EQUAL, "forty two.", "forty two")).isZero();
    assertThat(answer(Answer.CONTAINED, "It is Forty two.", "forty two")).isEqualTo(1);
    assertThat(answer(Answer.LAST_NUMBER, "7 times 6 is 42.", "#### 42.0")).isEqualTo(1);
    assertThat(answer(Answer.LAST_NUMBER, "so 1,042", "1042")).isEqualTo(1);
    assertThat(answer(Answer.LAST_NUMBER, "6 times 7", "42")).isZero();
    assertThat(answer(Answer.LAST_NUMBER, "none", "none")).isZero();
  }

  @Test
  void aQueryWithoutAnAnswerScoresNothing() throws Exception {
    KnownAnswers answers = new KnownAnswers(Map.of(Asked.tokens("q1 "), List.of("yes", "oui")));
    RuleSource source = new RuleSource(Rules.answer(Answer.EQUAL), answers);

    assertThat(Asked.scores(source, "oui", "oui", "oui")).containsExactly(0f, 1f, 0f);
  }

  @Test
  void aRuleOfOnesOwnIsFoundByItsName() throws Exception {
    SourceSettings settings =
        SourceSettingsTest.read("source = rule, rule.class = " + ShortIsGood.class.getName());
    RewardSources sources =
        new RewardSources(
            new Task(Tokens.of(), Tokens.of(), 3, 1, TruncationRule.NONE, true),
            Compute.cpu(1),
            () -> "",
            KnownAnswers.NONE,
            new SourceMonitor(new SimpleMeterRegistry(), InstantSource.system()));
    RewardSource source =
        sources
            .make(
                settings,
                () -> {
                  throw new IllegalStateException("not asked for");
                })
            .source();

    assertThat(Asked.scores(source, "", "abc")).containsExactly(1f, 0.25f);
  }

  private static double answer(Answer compare, String response, String answer) {
    return Rules.answer(compare).score(new Judged("q", response, 1, List.of("x", answer)));
  }

  private static Judged judged(String response) {
    return new Judged("q", response, 7, List.of());
  }
}
