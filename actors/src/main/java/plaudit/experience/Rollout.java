package plaudit.experience;

/**
 * One response of one policy version, with what the policy thought while writing it (paper section
 * 3.2: log-probabilities and values are recorded during sampling).
 *
 * @param promptId the prompt it answers
 * @param index which of the prompt's responses, from 0
 * @param query the prompt's tokens
 * @param response the sampled tokens, shape {@code [T]}
 * @param logprobs log pi(token) in nats at the task's temperature, shape {@code [T]}
 * @param values value estimates of the states before each token, shape {@code [T]}
 * @param policyVersion the version of the policy that sampled it
 */
public record Rollout(
    long promptId,
    int index,
    Tokens query,
    Tokens response,
    PerToken logprobs,
    PerToken values,
    long policyVersion) {
  public Rollout {
    if (response.length() == 0) {
      throw new IllegalArgumentException("response: empty (expected: at least one token)");
    }
    if (logprobs.length() != response.length() || values.length() != response.length()) {
      throw new IllegalArgumentException(
          "logprobs and values: %d, %d (expected: %d, one a response token)"
              .formatted(logprobs.length(), values.length(), response.length()));
    }
    if (policyVersion < 0) {
      throw new IllegalArgumentException("policyVersion: " + policyVersion + " (expected: >= 0)");
    }
  }

  /** The same as another of its prompt's responses. */
  public Rollout withIndex(int another) {
    return new Rollout(promptId, another, query, response, logprobs, values, policyVersion);
  }
}
