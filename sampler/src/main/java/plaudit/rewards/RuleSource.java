package plaudit.rewards;

import java.util.List;
import plaudit.scoring.RewardSource;

/** Scores by a rule. */
final class RuleSource implements RewardSource {

  private final Rule rule;
  private final KnownAnswers answers;

  RuleSource(Rule rule, KnownAnswers answers) {
    this.rule = rule;
    this.answers = answers;
  }

  @Override
  public void score(List<Response> responses, Receiver receiver) {
    float[] scores = new float[responses.size()];
    for (int i = 0; i < scores.length; i++) {
      Response one = responses.get(i);
      scores[i] =
          (float)
              rule.score(
                  new Rule.Judged(
                      one.queryText(), one.text(), one.kept().length(), answers.of(one.query())));
    }
    receiver.scored(scores);
  }
}
