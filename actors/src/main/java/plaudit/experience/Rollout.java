package plaudit.experience;

import plaudit.tokens.PerToken;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.Tokens;

/**
 * One response, with the policy's log-probabilities and values recorded during sampling (paper
 * section 3.2). Each token's numbers are those of the version that wrote it.
 *
 * @param promptId the prompt it answers
 * @param index which of the prompt's responses, from 0
 * @param query the prompt's tokens
 * @param response the sampled tokens, shape {@code [T]}
 * @param logprobs log pi(token) in nats at the task's temperature, shape {@code [T]}
 * @param values value estimates of the states before each token, shape {@code [T]}
 * @param versions the version that wrote each token, shape {@code [T]}; one version unless weights
 *     are swapped in flight
 */
public record Rollout(
    long promptId,
    int index,
    Tokens query,
    Tokens response,
    PerToken logprobs,
    PerToken values,
    TokenVersions versions) {
  public Rollout {
    if (response.length() == 0) {
      throw new IllegalArgumentException("response: empty (expected: at least one token)");
    }
    if (logprobs.length() != response.length() || values.length() != response.length()) {
      throw new IllegalArgumentException(
          "logprobs and values: %d, %d (expected: %d, one a response token)"
              .formatted(logprobs.length(), values.length(), response.length()));
    }
    if (versions.length() != response.length()) {
      throw new IllegalArgumentException(
          "token versions: %d (expected: %d, one a response token)"
              .formatted(versions.length(), response.length()));
    }
  }

  /** A response that one version wrote. */
  public Rollout(
      long promptId,
      int index,
      Tokens query,
      Tokens response,
      PerToken logprobs,
      PerToken values,
      long policyVersion) {
    this(
        promptId,
        index,
        query,
        response,
        logprobs,
        values,
        TokenVersions.of(policyVersion, Math.max(1, response.length())));
  }

  /** The oldest version in it: the one it began with, and the one that counts for its age. */
  public long policyVersion() {
    return versions.oldest();
  }

  /** The version that wrote its last token. */
  public long newestVersion() {
    return versions.newest();
  }

  /** The same as another of its prompt's responses. */
  public Rollout withIndex(int another) {
    return new Rollout(promptId, another, query, response, logprobs, values, versions);
  }

  /** The same with other value estimates. */
  public Rollout withValues(PerToken others) {
    return new Rollout(promptId, index, query, response, logprobs, others, versions);
  }
}
