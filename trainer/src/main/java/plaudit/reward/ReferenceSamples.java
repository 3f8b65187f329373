package plaudit.reward;

import java.util.ArrayList;
import java.util.List;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.model.CausalNet;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/**
 * Responses of the frozen reference on which the reward's scale is measured (paper 1.3): whole, not
 * truncated and not filtered (paper X3).
 *
 * @param sequences query and response as the reward model reads them
 */
public record ReferenceSamples(List<Tokens> sequences) {

  private static final int AT_ONCE = 32;

  public ReferenceSamples {
    sequences = List.copyOf(sequences);
  }

  /** Writes {@code count} responses to the first of {@code prompts}. */
  public static ReferenceSamples write(
      CausalNet reference, Generation generation, ShuffledPrompts prompts, int count) {
    Task task = generation.task();
    List<Tokens> sequences = new ArrayList<>();
    for (int from = 0; from < count; from += AT_ONCE) {
      List<Prompt> some = new ArrayList<>();
      for (int i = from; i < Math.min(from + AT_ONCE, count); i++) {
        some.add(prompts.at(i));
      }
      for (Rollout rollout : generation.rollouts(reference, 0, some, 1)) {
        sequences.add(task.judged(rollout.query(), rollout.response()));
      }
    }
    return new ReferenceSamples(sequences);
  }
}
