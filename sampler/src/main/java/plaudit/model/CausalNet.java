package plaudit.model;

import java.util.List;
import plaudit.tokens.Tokens;

/**
 * A causal language model with one scalar head, run forward. What the head means depends on the
 * weights: a value estimate (policy) or a reward (reward model).
 *
 * <p>Padding, the order of the batch and caching never change a number by more than rounding (paper
 * 3.1, G3). Not safe for several threads at once.
 */
public interface CausalNet extends AutoCloseable {

  /** The architecture. */
  ModelConfig config();

  /**
   * Scores given responses.
   *
   * @param queries B contexts, each at least one token
   * @param responses B responses, each at least one token
   * @param temperature divides the logits
   */
  ResponseScores score(List<Tokens> queries, List<Tokens> responses, float temperature);

  /** The scalar head on the last token of each sequence, shape {@code [B]}. */
  float[] reward(List<Tokens> sequences);

  /** The logits after the last token of each sequence, shape {@code [B][vocabulary]}. */
  float[][] lastLogits(List<Tokens> sequences);

  /**
   * Starts sampling from this model. A query is read once, however many responses it gets.
   *
   * @param queries contexts, each at least one token
   * @param responses how many rows each query has, one after another: B in all
   * @param maxNewTokens how many steps may be taken
   * @param temperature divides the logits; 0 takes the likeliest token
   */
  Decoding decode(List<Tokens> queries, int responses, int maxNewTokens, float temperature);

  /** Starts sampling one response to each query. */
  default Decoding decode(List<Tokens> queries, int maxNewTokens, float temperature) {
    return decode(queries, 1, maxNewTokens, temperature);
  }

  @Override
  void close();

  /**
   * What the model thinks of given responses.
   *
   * @param logprobs log-probability in nats of each response token, shape {@code [B][length]}
   * @param values the scalar head on the state before each token, shape {@code [B][length]}
   */
  record ResponseScores(float[][] logprobs, float[][] values) {}

  /**
   * A batch of responses being written, one token a step. The model's weights may be replaced
   * between two steps: the next step computes with the new ones and reads what the old ones
   * remembered of the tokens so far, unless {@link #reread} is called.
   */
  interface Decoding extends AutoCloseable {
    /**
     * Samples the next token of every row that has not ended; what the results say of others means
     * nothing.
     *
     * @param uniforms B numbers in [0, 1), one a row: where the cumulative distribution is cut
     */
    Step next(float[] uniforms);

    /** Ends a row: no more is computed for it. */
    void end(int row);

    /**
     * Reads all tokens so far once more, with the weights the model has now: as if they had read
     * them all along. Costs one forward pass over contexts and responses.
     */
    void reread();

    @Override
    void close();
  }

  /**
   * One sampled token a row.
   *
   * @param tokens shape {@code [B]}
   * @param logprobs of these tokens in nats, at the decoding's temperature, shape {@code [B]}
   * @param values the scalar head on the state before the token, shape {@code [B]}
   */
  record Step(int[] tokens, float[] logprobs, float[] values) {}
}
