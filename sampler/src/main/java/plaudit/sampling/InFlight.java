package plaudit.sampling;

import java.util.Arrays;
import java.util.Locale;
import plaudit.input.InvalidInputException;

/** What becomes of responses that are being written when a newer policy version is there. */
public enum InFlight {
  /** The old version writes them to the end: one version a response, as in the paper. */
  OFF,
  /** The new one writes on and reads the old one's cache: costs nothing. */
  KEEP_CACHE,
  /** The new one reads what is written so far itself, then writes on: costs a forward pass. */
  RECOMPUTE;

  /** Reads {@code plaudit.sampler.in-flight}. */
  public static InFlight of(String word) {
    return Arrays.stream(values())
        .filter(choice -> choice.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    "plaudit.sampler.in-flight", word, "off, keep-cache or recompute"));
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
