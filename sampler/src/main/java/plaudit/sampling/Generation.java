package plaudit.sampling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.CausalNet;
import plaudit.model.CausalNet.Decoding;
import plaudit.model.CausalNet.Step;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.Tokens;

/**
 * The decode loop: exactly T tokens a response, no early stop, pure sampling from the tempered
 * distribution (paper 3.2, G4). Log-probabilities and values are what the network computed while it
 * wrote. Only where the task's end is a real one ({@link TruncationRule#stops}) a response has
 * fewer tokens: it ends with the end token.
 *
 * @param task what a response is
 * @param runSeed see {@link Randomness}
 */
public record Generation(Task task, long runSeed) {

  /** Lets a newer policy version take over a batch that is being written. */
  @FunctionalInterface
  public interface WeightSwap {

    /** The version that begins a batch ends it. */
    WeightSwap NONE = (decoding, version) -> version;

    /**
     * Called between two tokens; may change the weights behind {@code decoding}.
     *
     * @param version that wrote the last token
     * @return the version that writes the next one: the same, or a newer one
     */
    long next(Decoding decoding, long version);
  }

  /**
   * Writes {@code responses} responses to each prompt.
   *
   * @return prompt after prompt, each with its responses in order
   */
  public List<Rollout> rollouts(
      CausalNet net, long policyVersion, List<Prompt> prompts, int responses) {
    return rollouts(net, policyVersion, prompts, responses, WeightSwap.NONE);
  }

  /**
   * The same, where newer versions may take over between two tokens. Each token's numbers and its
   * stamp are those of the version that wrote it, whatever that version found in the cache; the
   * randomness stays that of the version a response began with.
   */
  public List<Rollout> rollouts(
      CausalNet net, long policyVersion, List<Prompt> prompts, int responses, WeightSwap swap) {
    return rollouts(net, policyVersion, prompts, responses, 0, swap);
  }

  /**
   * More responses, where some have been written.
   *
   * @param first the index of the first of each prompt; one index has one randomness
   */
  public List<Rollout> rollouts(
      CausalNet net, long policyVersion, List<Prompt> prompts, int responses, int first) {
    return rollouts(net, policyVersion, prompts, responses, first, WeightSwap.NONE);
  }

  private List<Rollout> rollouts(
      CausalNet net,
      long policyVersion,
      List<Prompt> prompts,
      int responses,
      int first,
      WeightSwap swap) {
    int rows = prompts.size() * responses;
    int length = task.responseLength();
    List<Tokens> contexts = prompts.stream().map(prompt -> task.context(prompt.query())).toList();
    int[][] tokens = new int[rows][length];
    float[][] logprobs = new float[rows][length];
    float[][] values = new float[rows][length];
    long[] versions = new long[length];
    int[] ends = new int[rows];
    Arrays.fill(ends, length);
    try (Decoding decoding = net.decode(contexts, responses, length, task.temperature())) {
      float[] uniforms = new float[rows];
      for (int t = 0; t < length && running(ends, t); t++) {
        versions[t] = t == 0 ? policyVersion : swap.next(decoding, versions[t - 1]);
        for (int row = 0; row < rows; row++) {
          long promptId = prompts.get(row / responses).id();
          int index = first + row % responses;
          uniforms[row] = Randomness.uniform(runSeed, promptId, policyVersion, index, t);
        }
        Step step = decoding.next(uniforms);
        for (int row = 0; row < rows; row++) {
          tokens[row][t] = step.tokens()[row];
          logprobs[row][t] = step.logprobs()[row];
          values[row][t] = step.values()[row];
          if (t < ends[row] && task.truncation().over(t, tokens[row][t])) {
            ends[row] = t + 1;
            decoding.end(row);
          }
        }
      }
    }
    List<Rollout> rollouts = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      Prompt prompt = prompts.get(row / responses);
      rollouts.add(
          new Rollout(
              prompt.id(),
              first + row % responses,
              prompt.query(),
              Tokens.of(Arrays.copyOf(tokens[row], ends[row])),
              PerToken.of(Arrays.copyOf(logprobs[row], ends[row])),
              PerToken.of(Arrays.copyOf(values[row], ends[row])),
              TokenVersions.ofEach(Arrays.copyOf(versions, ends[row]))));
    }
    return rollouts;
  }

  /** Whether any response goes on at {@code t}. */
  private static boolean running(int[] ends, int t) {
    return Arrays.stream(ends).anyMatch(end -> t < end);
  }
}
