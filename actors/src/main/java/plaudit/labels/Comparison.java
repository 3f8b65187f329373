package plaudit.labels;

import java.util.List;
import plaudit.tokens.Tokens;

/**
 * The task put to a person: one query and several responses, of which the best is to be chosen
 * (paper 1.1: best of 4).
 *
 * @param id unique and opaque, at most 40 characters
 * @param query the query's tokens, unpadded
 * @param queryText what the person reads
 * @param samples the responses, at least two, all different
 */
public record Comparison(String id, Tokens query, String queryText, List<Sample> samples) {

  /** How the ids of comparisons begin that measure a run and never train anything. */
  public static final String EVALUATION = "evaluation-";

  public Comparison {
    samples = List.copyOf(samples);
    if (id.isEmpty() || id.length() > 40) {
      throw new IllegalArgumentException("comparison id: " + id + " (expected: 1-40 characters)");
    }
    if (samples.size() < 2) {
      throw new IllegalArgumentException(
          "samples of comparison %s: %d (expected: >= 2)".formatted(id, samples.size()));
    }
  }

  /** Whether it measures a run at its end: no reward model is trained on the answer. */
  public boolean isEvaluation() {
    return id.startsWith(EVALUATION);
  }

  /**
   * Whether it sets the policy against the reference (paper 1.4): then both have written some of
   * the responses, while those of an ordinary comparison are all by one.
   */
  public boolean isValidation() {
    return samples.stream().anyMatch(sample -> sample.policyVersion() == 0)
        && samples.stream().anyMatch(sample -> sample.policyVersion() > 0);
  }

  /**
   * One of the responses.
   *
   * @param response the truncated response, unpadded
   * @param text what the person reads
   * @param policyVersion who wrote it; 0 is the reference
   */
  public record Sample(Tokens response, String text, long policyVersion) {}
}
