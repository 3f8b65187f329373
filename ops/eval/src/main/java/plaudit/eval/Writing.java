package plaudit.eval;

import java.util.Optional;
import plaudit.input.InvalidInputException;

/**
 * How a model answers when it is measured; to compare with a run, what its task says.
 *
 * @param queryTokens longer prompts are cut to so many tokens
 * @param template text around a prompt, which stands where {@code {}} is
 * @param responseTokens tokens written
 * @param temperature divides the logits, 0 takes the likeliest token
 * @param end the token that ends a response; empty writes all tokens
 * @param endAfter the first index, from 0, at which it may
 * @param seed of the sampling
 */
public record Writing(
    int queryTokens,
    String template,
    int responseTokens,
    float temperature,
    Optional<String> end,
    int endAfter,
    long seed) {

  public Writing {
    atLeast("--query-tokens", queryTokens, 1);
    atLeast("--max-new-tokens", responseTokens, 1);
    atLeast("--end-after", endAfter, 0);
    if (!(temperature >= 0 && Float.isFinite(temperature))) {
      throw InvalidInputException.of("--temperature", temperature, ">= 0");
    }
  }

  private static void atLeast(String option, int value, int least) {
    if (value < least) {
      throw InvalidInputException.of(option, value, ">= " + least);
    }
  }
}
