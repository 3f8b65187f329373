package plaudit.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.QuestionYield;
import plaudit.experience.Rollout;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** Responses of three tokens that end at token 9, which people do not see; two make a question. */
class QuestionsTest {

  private static final Questions.Writer NEVER_ASKED =
      (some, responses, first) -> {
        throw new AssertionError("written to");
      };

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

  @Test
  void aPromptIsWrittenToUntilEnoughOfItsResponsesCanBeShown() {
    List<List<Object>> rounds = new ArrayList<>();
    List<Rollout> written =
        questions.write(
            Purpose.QUESTION,
            prompts(2),
            2,
            100,
            (some, responses, first) -> {
              rounds.add(List.of(some.size(), responses, first));
              // Prompt 0 has two at once, prompt 1 its second at index 4.
              return write(some, responses, first, (prompt, i) -> prompt == 0 || i == 0 || i == 4);
            },
            NEVER_ASKED);
    assertThat(rounds).containsExactly(List.of(2, 2, 0), List.of(1, 4, 2));
    assertThat(questions.of(Purpose.QUESTION, written))
        .extracting(Comparison::id)
        .containsExactly("q0", "q1");
    assertThat(questions.yielded(written, 2)).isEqualTo(new QuestionYield(2, 8, 4, 0));
  }

  @Test
  void aPromptWhoseResponsesDoNotEndIsGivenUpAndCounted() {
    List<Rollout> written =
        questions.write(
            Purpose.QUESTION,
            prompts(2),
            2,
            7,
            (some, responses, first) -> write(some, responses, first, (prompt, i) -> prompt == 1),
            NEVER_ASKED);
    assertThat(questions.of(Purpose.QUESTION, written))
        .extracting(Comparison::id)
        .containsExactly("q1");
    assertThat(questions.yielded(written, 1)).isEqualTo(new QuestionYield(1, 9, 2, 1));
  }

  @Test
  void aValidationQuestionIsWrittenByEachWriterUntilItHasItsHalf() {
    List<Rollout> written =
        questions.write(
            Purpose.VALIDATION,
            prompts(1),
            2,
            10,
            (some, responses, first) -> written(6, some, responses, first, (p, i) -> i == 3),
            (some, responses, first) -> written(0, some, responses, first, (p, i) -> i == 2));
    assertThat(written).extracting(Rollout::index).containsExactly(0, 1, 2, 10, 11, 12, 13);
    assertThat(questions.of(Purpose.VALIDATION, written).get(0).samples())
        .extracting(Sample::policyVersion)
        .containsExactly(0L, 6L);
  }

  /**
   * Whatever responses end: each is written once, in the order of its index and within the limit;
   * only prompts that lack some are written to; one that has enough is asked; and doing it again
   * gives the same.
   */
  @Property(tries = 300)
  void roundsWriteNoMoreThanIsNeededAndAlwaysTheSame(
      @ForAll @IntRange(min = 1, max = 6) int prompts,
      @ForAll @IntRange(min = 1, max = 5) int perRound,
      @ForAll @IntRange(min = 2, max = 40) int limit,
      @ForAll @IntRange(min = 1, max = 12) int oneIn,
      @ForAll long seed) {
    BiPredicate<Long, Integer> ends =
        (prompt, i) -> new SplittableRandom(seed + 1_000 * prompt + i).nextInt(oneIn) == 0;
    Questions.Writer writer =
        (some, responses, first) -> {
          assertThat(some.size() * responses)
              .isLessThanOrEqualTo(Math.max(some.size(), prompts * perRound));
          return write(some, responses, first, ends);
        };
    List<Rollout> written =
        questions.write(Purpose.QUESTION, prompts(prompts), perRound, limit, writer, NEVER_ASKED);
    List<String> asked =
        questions.of(Purpose.QUESTION, written).stream().map(Comparison::id).toList();
    for (long prompt = 0; prompt < prompts; prompt++) {
      long id = prompt;
      List<Integer> indices =
          written.stream().filter(r -> r.promptId() == id).map(Rollout::index).toList();
      assertThat(indices)
          .isEqualTo(IntStream.range(0, indices.size()).boxed().toList())
          .hasSizeLessThanOrEqualTo(limit);
      long good = indices.stream().filter(i -> ends.test(id, i)).count();
      assertThat(asked.contains("q" + id)).isEqualTo(good >= 2);
      assertThat(good >= 2 || indices.size() == limit).isTrue();
    }
    assertThat(
            questions.write(
                Purpose.QUESTION, prompts(prompts), perRound, limit, writer, NEVER_ASKED))
        .isEqualTo(written);
  }

  private static List<Prompt> prompts(int count) {
    return LongStream.range(0, count).mapToObj(id -> new Prompt(id, Tokens.of(1, 1))).toList();
  }

  private static List<Rollout> write(
      List<Prompt> prompts, int responses, int first, BiPredicate<Long, Integer> ends) {
    return written(6, prompts, responses, first, ends);
  }

  /** A response that ends reads as the number of its index. */
  private static List<Rollout> written(
      long version,
      List<Prompt> prompts,
      int responses,
      int first,
      BiPredicate<Long, Integer> ends) {
    List<Rollout> written = new ArrayList<>();
    for (Prompt prompt : prompts) {
      for (int i = first; i < first + responses; i++) {
        int last = ends.test(prompt.id(), i) ? 9 : 5;
        written.add(writtenBy(version, prompt.id(), i, 100 + i, 4, last));
      }
    }
    return written;
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
