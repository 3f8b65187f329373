package plaudit.task;

import plaudit.tokens.Tokens;

/**
 * What a response is: what stands before it, its length, temperature and end (paper 2.1, 3.1-3.4).
 *
 * @param prefix tokens before the query in the policy's context
 * @param suffix tokens between the query and the response in the policy's context
 * @param responseLength T: tokens sampled, always all of them
 * @param temperature divides the logits in sampling and in every log-probability
 * @param truncation where a response ends, and what one without an end scores
 * @param showEnd whether people read the end token, as they do a full stop
 */
public record Task(
    Tokens prefix,
    Tokens suffix,
    int responseLength,
    float temperature,
    TruncationRule truncation,
    boolean showEnd) {

  /** What the policy and the reference see: prefix, query, suffix. */
  public Tokens context(Tokens query) {
    return prefix.concat(query).concat(suffix);
  }

  /** What the reward model sees: query and response, without prefix and suffix (paper X1). */
  public Tokens judged(Tokens query, Tokens kept) {
    return query.concat(kept);
  }

  /** The tokens of a truncated response that people read. */
  public Tokens shown(Tokens kept) {
    boolean ended = kept.length() > 0 && truncation.tokens().contains(kept.get(kept.length() - 1));
    return ended && !showEnd ? kept.slice(0, kept.length() - 1) : kept;
  }
}
