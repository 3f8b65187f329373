package plaudit.task;

import java.util.List;
import java.util.OptionalInt;
import plaudit.tokens.Tokens;

/**
 * Where a response ends (paper 3.4): at the first end token at or after a given index, which is
 * kept. A response without one there is not valid: no person is asked about it, and a penalty
 * replaces its score. Without an end token every response is whole and valid, which is right for
 * texts that have no full stop: with one, every score would be the penalty and nothing would be
 * learnt.
 *
 * <p>The paper samples on after the end, and KL is charged there too. Where the rule {@code stops},
 * the end token is a real end of text (section 9, "EOS trick"): the rollout is over, and nothing
 * that would come after it is sampled, charged or learnt from.
 *
 * @param tokens the end tokens, any of which ends it; empty for none
 * @param after first index, from 0, at which it may end the response
 * @param penalty the score of a response that is not valid; the paper takes -1, one standard
 *     deviation of the reference's scores
 * @param stops whether a response really ends there
 */
public record TruncationRule(List<Integer> tokens, int after, float penalty, boolean stops) {

  /** Everything is valid. */
  public static final TruncationRule NONE = new TruncationRule(OptionalInt.empty(), 0, -1);

  /** The paper's: sampling goes on after the end. */
  public TruncationRule(OptionalInt token, int after, float penalty) {
    this(token.stream().boxed().toList(), after, penalty, false);
  }

  public TruncationRule {
    tokens = List.copyOf(tokens);
    if (after < 0) {
      throw new IllegalArgumentException("truncate after: " + after + " (expected: >= 0)");
    }
    if (!Float.isFinite(penalty)) {
      throw new IllegalArgumentException("penalty: " + penalty + " (expected: finite)");
    }
    if (stops && tokens.isEmpty()) {
      throw new IllegalArgumentException("end token: none (expected: one, to stop at)");
    }
  }

  /**
   * What is left of a response.
   *
   * @param kept up to and with the end token, unpadded; the whole response where there is none
   * @param valid whether an end was found, or none is asked for
   */
  public record Truncated(Tokens kept, boolean valid) {}

  /** Cuts {@code response} where it ends. */
  public Truncated truncate(Tokens response) {
    if (tokens.isEmpty()) {
      return new Truncated(response, true);
    }
    for (int i = after; i < response.length(); i++) {
      if (tokens.contains(response.get(i))) {
        return new Truncated(response.slice(0, i + 1), true);
      }
    }
    return new Truncated(response, false);
  }

  /** Whether a rollout is over at {@code token}, sampled at {@code index}. */
  public boolean over(int index, int token) {
    return stops && index >= after && tokens.contains(token);
  }

  /** The model's score of a valid response, the penalty in its place otherwise. */
  public float score(boolean valid, float modelScore) {
    return valid ? modelScore : penalty;
  }
}
