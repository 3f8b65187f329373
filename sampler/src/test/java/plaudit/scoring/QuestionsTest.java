package plaudit.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** Responses of three tokens that end at token 9, which people do not see; two make a question. */
class QuestionsTest {

  private final Task task =
      new Task(
          Tokens.of(7), Tokens.of(8), 3, 1, new TruncationRule(OptionalInt.of(9), 1, -1), false);
  private final Questions questions =
      new Questions(
          task,
          2,
          tokens -> tokens.stream().mapToObj(String::valueOf).collect(Collectors.joining(" ")));

  @Test
  void theFirstGoodResponsesMakeAQuestion() {
    List<Comparison> asked =
        questions.of(
            Purpose.QUESTION,
            List.of(rollout(5, 0, 1, 2, 9), rollout(5, 1, 3, 9, 4), rollout(5, 2, 4, 4, 9)));
    assertThat(asked)
        .containsExactly(
            new Comparison(
                "q5",
                Tokens.of(1, 1),
                "1 1",
                List.of(
                    new Sample(Tokens.of(1, 2, 9), "1 2", 6),
                    new Sample(Tokens.of(3, 9), "3", 6))));
  }

  @Test
  void responsesWithoutAnEndAreNotShown() {
    assertThat(
            questions.of(Purpose.QUESTION, List.of(rollout(5, 0, 1, 2, 3), rollout(5, 1, 3, 9, 4))))
        .isEmpty();
    assertThat(
            questions
                .of(
                    Purpose.QUESTION,
                    List.of(rollout(5, 0, 1, 2, 3), rollout(5, 1, 3, 9, 4), rollout(5, 2, 2, 9, 9)))
                .get(0)
                .samples())
        .extracting(Sample::text)
        .containsExactly("3", "2");
  }

  @Test
  void responsesThatReadTheSameCountOnce() {
    assertThat(
            questions.of(Purpose.QUESTION, List.of(rollout(5, 0, 3, 9, 1), rollout(5, 1, 3, 9, 2))))
        .isEmpty();
  }

  @Test
  void eachPromptIsAskedByItself() {
    List<Comparison> asked =
        questions.of(
            Purpose.QUESTION,
            List.of(
                rollout(5, 0, 1, 9, 1),
                rollout(5, 1, 2, 9, 1),
                rollout(6, 0, 1, 9, 1),
                rollout(6, 1, 1, 1, 1),
                rollout(7, 0, 1, 9, 1),
                rollout(7, 1, 2, 9, 1)));
    assertThat(asked).extracting(Comparison::id).containsExactly("q5", "q7");
  }

  @Test
  void aValidationQuestionShowsAsManyOfTheReferenceAsOfThePolicy() {
    List<Comparison> asked =
        questions.of(
            Purpose.VALIDATION,
            List.of(
                writtenBy(0, 5, 0, 1, 9, 1),
                writtenBy(0, 5, 1, 2, 9, 1),
                writtenBy(6, 5, 2, 1, 9, 2),
                writtenBy(6, 5, 3, 3, 9, 1)));
    assertThat(asked).extracting(Comparison::id).containsExactly("v5");
    assertThat(asked.get(0).isValidation()).isTrue();
    assertThat(asked.get(0).samples()).extracting(Sample::policyVersion).containsExactly(0L, 6L);
    assertThat(asked.get(0).samples()).extracting(Sample::text).containsExactly("1", "3");
  }

  @Test
  void withoutAGoodResponseOfEachSideThereIsNoValidation() {
    List<Rollout> oneSided = List.of(writtenBy(6, 5, 0, 1, 9, 1), writtenBy(6, 5, 1, 2, 9, 1));
    assertThat(questions.of(Purpose.VALIDATION, oneSided)).isEmpty();
  }

  private static Rollout rollout(long prompt, int index, int... response) {
    return writtenBy(6, prompt, index, response);
  }

  private static Rollout writtenBy(long version, long prompt, int index, int... response) {
    return new Rollout(
        prompt,
        index,
        Tokens.of(1, 1),
        Tokens.of(response),
        PerToken.of(new float[response.length]),
        PerToken.of(new float[response.length]),
        version);
  }
}
