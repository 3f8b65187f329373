package plaudit.scoring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import plaudit.experience.Rollout;
import plaudit.experience.Tokens;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.sampling.Task;
import plaudit.sampling.TruncationRule.Truncated;

/**
 * Which rollouts become questions for people: of each prompt's responses the first {@code choices}
 * that end properly and differ from one another (paper 1.1: rejection sampling, so that people only
 * see responses with an end).
 *
 * @param task what a response is
 * @param choices responses a question shows
 * @param text tokens as people read them
 */
public record Questions(Task task, int choices, Function<Tokens, String> text) {

  /** The questions of one granted batch; prompts with too few good responses make none. */
  public List<Comparison> of(List<Rollout> rollouts) {
    Map<Long, List<Rollout>> byPrompt = new LinkedHashMap<>();
    for (Rollout rollout : rollouts) {
      byPrompt.computeIfAbsent(rollout.promptId(), id -> new ArrayList<>()).add(rollout);
    }
    List<Comparison> questions = new ArrayList<>();
    byPrompt.forEach(
        (promptId, responses) -> {
          List<Sample> samples = samples(responses);
          if (samples.size() == choices) {
            Tokens query = responses.get(0).query();
            questions.add(new Comparison("q" + promptId, query, text.apply(query), samples));
          }
        });
    return questions;
  }

  private List<Sample> samples(List<Rollout> responses) {
    List<Sample> samples = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Rollout rollout : responses) {
      Truncated cut = task.truncation().truncate(rollout.response());
      String shown = text.apply(task.shown(cut.kept())).strip();
      if (samples.size() < choices && cut.valid() && !shown.isEmpty() && seen.add(shown)) {
        samples.add(new Sample(cut.kept(), shown, rollout.policyVersion()));
      }
    }
    return samples;
  }
}
