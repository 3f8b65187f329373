package plaudit.node;

import java.util.ArrayList;
import java.util.List;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet;
import plaudit.node.vendor.LexiconPreference;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.tokens.Tokens;

/**
 * Texts that a model writes on held-out prompts, and what the hidden preference says of them. Two
 * models are compared on the same prompts with the same randomness.
 *
 * @param written one text an entry, prompt after prompt
 */
public record Evaluation(List<Written> written) {

  /** Prompt ids far away from those of training, for randomness of their own. */
  private static final long FIRST_ID = 1L << 50;

  private static final int AT_ONCE = 32;
  private static final int FEWEST_TEXTS = 256;

  public Evaluation {
    written = List.copyOf(written);
  }

  /**
   * One text.
   *
   * @param prompt what was given, as people read it
   * @param text what was written, as people read it
   * @param score of the hidden preference
   * @param rollout its tokens and log-probabilities
   */
  public record Written(String prompt, String text, double score, Rollout rollout) {}

  /** Writes on all held-out prompts, several texts each when they are few. */
  public static Evaluation of(
      CausalNet net, RunInputs inputs, LexiconPreference preference, long seed) {
    Generation generation = new Generation(inputs.task(), seed);
    List<Tokens> queries = inputs.heldOut();
    int repeats = Math.max(1, (FEWEST_TEXTS + queries.size() - 1) / queries.size());
    List<Written> written = new ArrayList<>();
    for (int from = 0; from < queries.size(); from += AT_ONCE) {
      List<Prompt> prompts = new ArrayList<>();
      for (int i = from; i < Math.min(from + AT_ONCE, queries.size()); i++) {
        prompts.add(new Prompt(FIRST_ID + i, queries.get(i)));
      }
      for (Rollout rollout : generation.rollouts(net, 0, prompts, repeats)) {
        written.add(written(inputs, preference, rollout));
      }
    }
    return new Evaluation(written);
  }

  private static Written written(RunInputs inputs, LexiconPreference preference, Rollout rollout) {
    Task task = inputs.task();
    Tokens kept = task.truncation().truncate(rollout.response()).kept();
    String text = inputs.text(task.shown(kept));
    return new Written(inputs.text(rollout.query()), text, preference.score(text), rollout);
  }

  /** The scores, in order. */
  public double[] scores() {
    return written.stream().mapToDouble(Written::score).toArray();
  }

  /** Mean divergence of these texts from {@code reference}, in nats a sequence (paper 3.5). */
  public double kl(CausalNet reference, Task task) {
    double sum = 0;
    for (int from = 0; from < written.size(); from += AT_ONCE) {
      List<Rollout> part =
          written.subList(from, Math.min(from + AT_ONCE, written.size())).stream()
              .map(Written::rollout)
              .toList();
      float[][] logprobs =
          reference
              .score(
                  part.stream().map(r -> task.context(r.query())).toList(),
                  part.stream().map(Rollout::response).toList(),
                  task.temperature())
              .logprobs();
      for (int i = 0; i < part.size(); i++) {
        sum += part.get(i).logprobs().sum();
        for (float logprob : logprobs[i]) {
          sum -= logprob;
        }
      }
    }
    return sum / written.size();
  }
}
