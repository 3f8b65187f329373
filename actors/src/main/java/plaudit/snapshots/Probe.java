package plaudit.snapshots;

import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * A short text with the learner's logprobs under the published weights. A sampler that loads the
 * snapshot computes the same logprobs by its own code path: the difference is the sampler-learner
 * gap, and a big one means that the weights are not those that were published.
 *
 * @param query context tokens
 * @param response the scored tokens, shape {@code [T]}
 * @param logprobs the learner's log-probabilities in nats, shape {@code [T]}
 */
public record Probe(Tokens query, Tokens response, PerToken logprobs) {
  public Probe {
    if (logprobs.length() != response.length()) {
      throw new IllegalArgumentException(
          "logprobs: %d (expected: %d, one a response token)"
              .formatted(logprobs.length(), response.length()));
    }
  }
}
