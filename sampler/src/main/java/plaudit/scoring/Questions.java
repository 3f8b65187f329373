package plaudit.scoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import plaudit.experience.Purpose;
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

  /**
   * The questions of one granted batch; prompts with too few good responses make none.
   *
   * @param purpose question or validation
   */
  public List<Comparison> of(Purpose purpose, List<Rollout> rollouts) {
    Map<Long, List<Rollout>> byPrompt = new LinkedHashMap<>();
    for (Rollout rollout : rollouts) {
      byPrompt.computeIfAbsent(rollout.promptId(), id -> new ArrayList<>()).add(rollout);
    }
    List<Comparison> questions = new ArrayList<>();
    byPrompt.forEach(
        (promptId, responses) -> {
          Set<String> seen = new HashSet<>();
          List<Sample> samples = new ArrayList<>();
          if (purpose == Purpose.VALIDATION) {
            int half = choices / 2;
            samples.addAll(good(responses, half, seen, r -> r.policyVersion() == 0));
            samples.addAll(good(responses, half, seen, r -> r.policyVersion() > 0));
          } else {
            samples.addAll(good(responses, choices, seen, r -> true));
          }
          if (samples.size() == (purpose == Purpose.VALIDATION ? choices / 2 * 2 : choices)) {
            Tokens query = responses.get(0).query();
            questions.add(
                new Comparison(prefix(purpose) + promptId, query, text.apply(query), samples));
          }
        });
    return questions;
  }

  /** What the ids of such comparisons begin with; the prompt's id follows. */
  public static String prefix(Purpose purpose) {
    return purpose == Purpose.VALIDATION ? "v" : "q";
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
