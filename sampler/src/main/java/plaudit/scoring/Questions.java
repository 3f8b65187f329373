package plaudit.scoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.QuestionYield;
import plaudit.experience.Rollout;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.Tokens;

/**
 * Which rollouts become questions for people: of each prompt's responses the first {@code choices}
 * that end properly and differ from one another (paper 1.1: rejection sampling, so that people only
 * see responses with an end). A validation question shows as many of the reference's as of the
 * policy's (paper 1.4).
 *
 * @param task what a response is
 * @param choices responses a question shows
 * @param text tokens as people read them
 */
public record Questions(Task task, int choices, Function<Tokens, String> text) {

  /** Writes with one model. */
  @FunctionalInterface
  public interface Writer {

    /**
     * Writes {@code responses} responses to each prompt.
     *
     * @param first the index of the first of them: those before it have been written
     */
    List<Rollout> write(List<Prompt> prompts, int responses, int first);
  }

  /**
   * Responses for the questions of one grant, written until each prompt has as many as a question
   * shows. Those that serve are kept, and only prompts that lack some are written to again. A round
   * has as many rows as the first one, so that the prompts left get more at a time; it depends on
   * nothing but the responses, and so do the indices.
   *
   * @param perRound responses to each prompt in the first round
   * @param limit responses of a writer to one prompt, after which the prompt is given up
   * @param policy writes questions, and half of a validation question
   * @param reference writes the other half; its responses have the version 0
   * @return all responses, those of the policy to a validation question with indices from {@code
   *     limit} on
   */
  public List<Rollout> write(
      Purpose purpose,
      List<Prompt> prompts,
      int perRound,
      int limit,
      Writer policy,
      Writer reference) {
    List<Rollout> written = new ArrayList<>();
    if (purpose != Purpose.VALIDATION) {
      rounds(purpose, prompts, choices, perRound, limit, policy, written);
      return written;
    }
    int half = choices / 2;
    rounds(purpose, prompts, half, perRound / 2, limit, reference, written);
    List<Prompt> lacking = lacking(purpose, prompts, half, written);
    List<Prompt> begun = prompts.stream().filter(it -> !lacking.contains(it)).toList();
    Writer second =
        (some, responses, first) ->
            policy.write(some, responses, first).stream()
                .map(rollout -> rollout.withIndex(limit + rollout.index()))
                .toList();
    rounds(purpose, begun, 2 * half, perRound / 2, limit, second, written);
    return written;
  }

  /** Adds rounds of one writer to {@code written}, until each prompt has so many samples. */
  private void rounds(
      Purpose purpose,
      List<Prompt> prompts,
      int wanted,
      int perRound,
      int limit,
      Writer writer,
      List<Rollout> written) {
    List<Prompt> lacking = prompts;
    int first = 0;
    while (first < limit && !lacking.isEmpty()) {
      int share = Math.max(1, prompts.size() * perRound / lacking.size());
      int responses = Math.min(limit - first, share);
      written.addAll(writer.write(lacking, responses, first));
      first += responses;
      lacking = lacking(purpose, lacking, wanted, written);
    }
  }

  private List<Prompt> lacking(
      Purpose purpose, List<Prompt> prompts, int wanted, List<Rollout> written) {
    Map<Long, List<Rollout>> byPrompt = byPrompt(written);
    return prompts.stream()
        .filter(it -> samples(purpose, byPrompt.getOrDefault(it.id(), List.of())).size() < wanted)
        .toList();
  }

  /**
   * The questions of one granted batch; prompts with too few good responses make none.
   *
   * @param purpose question or validation
   */
  public List<Comparison> of(Purpose purpose, List<Rollout> rollouts) {
    List<Comparison> questions = new ArrayList<>();
    byPrompt(rollouts)
        .forEach(
            (promptId, responses) -> {
              List<Sample> samples = samples(purpose, responses);
              if (samples.size() == (purpose == Purpose.VALIDATION ? choices / 2 * 2 : choices)) {
                Tokens query = responses.get(0).query();
                questions.add(
                    new Comparison(prefix(purpose) + promptId, query, text.apply(query), samples));
              }
            });
    return questions;
  }

  /**
   * What became of the responses of one granted batch.
   *
   * @param comparisons how many questions they made
   */
  public QuestionYield yielded(List<Rollout> rollouts, int comparisons) {
    Map<Long, List<Rollout>> byPrompt = byPrompt(rollouts);
    int usable =
        byPrompt.values().stream()
            .mapToInt(it -> good(it, it.size(), new HashSet<>(), r -> true).size())
            .sum();
    return new QuestionYield(
        comparisons, rollouts.size(), usable, Math.max(0, byPrompt.size() - comparisons));
  }

  /** What the ids of such comparisons begin with; the prompt's id follows. */
  public static String prefix(Purpose purpose) {
    return purpose == Purpose.VALIDATION ? "v" : "q";
  }

  /** The samples of a prompt's question, or those that there are so far. */
  private List<Sample> samples(Purpose purpose, List<Rollout> responses) {
    Set<String> seen = new HashSet<>();
    if (purpose != Purpose.VALIDATION) {
      return good(responses, choices, seen, r -> true);
    }
    int half = choices / 2;
    List<Sample> samples = good(responses, half, seen, r -> r.policyVersion() == 0);
    samples.addAll(good(responses, half, seen, r -> r.policyVersion() > 0));
    return samples;
  }

  private static Map<Long, List<Rollout>> byPrompt(List<Rollout> rollouts) {
    Map<Long, List<Rollout>> byPrompt = new LinkedHashMap<>();
    for (Rollout rollout : rollouts) {
      byPrompt.computeIfAbsent(rollout.promptId(), id -> new ArrayList<>()).add(rollout);
    }
    return byPrompt;
  }

  private List<Sample> good(
      List<Rollout> responses, int wanted, Set<String> seen, Predicate<Rollout> writer) {
    List<Sample> samples = new ArrayList<>();
    for (Rollout rollout : responses) {
      if (samples.size() == wanted || !writer.test(rollout)) {
        continue;
      }
      Truncated cut = task.truncation().truncate(rollout.response());
      String shown = text.apply(task.shown(cut.kept())).strip();
      if (cut.valid() && !shown.isEmpty() && seen.add(shown)) {
        samples.add(new Sample(cut.kept(), shown, rollout.policyVersion()));
      }
    }
    return samples;
  }
}
