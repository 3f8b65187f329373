package plaudit.node;

import java.util.List;
import plaudit.eval.HeldOut;
import plaudit.eval.HeldOut.Response;
import plaudit.model.CausalNet;

/**
 * Texts that a model writes on a run's held-out prompts, and what the hidden preference says of
 * them.
 *
 * @param heldOut the prompts
 * @param written one text an entry, prompt after prompt
 */
public record Evaluation(HeldOut heldOut, List<Written> written) {

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
   * @param response its tokens and logprobs
   */
  public record Written(String prompt, String text, double score, Response response) {}

  /** Writes on all held-out prompts, several texts each when they are few. */
  public static Evaluation of(
      CausalNet net, RunInputs inputs, LexiconPreference preference, long seed) {
    HeldOut heldOut = HeldOut.of(inputs.task(), inputs.heldOut(), seed);
    int prompts = heldOut.prompts().size();
    int draws = Math.max(1, (FEWEST_TEXTS + prompts - 1) / prompts);
    return new Evaluation(
        heldOut,
        heldOut.write(net, draws).stream().map(r -> written(inputs, preference, r)).toList());
  }

  private static Written written(
      RunInputs inputs, LexiconPreference preference, Response response) {
    String text = inputs.text(inputs.task().shown(response.cut().kept()));
    return new Written(
        inputs.text(response.rollout().query()), text, preference.score(text), response);
  }

  /** The scores, in order. */
  public double[] scores() {
    return written.stream().mapToDouble(Written::score).toArray();
  }

  /** Mean KL of these texts from {@code reference}, in nats a response. */
  public double kl(CausalNet reference) {
    return heldOut.kl(written.stream().map(Written::response).toList(), reference);
  }
}
