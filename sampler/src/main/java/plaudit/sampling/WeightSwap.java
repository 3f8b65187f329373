package plaudit.sampling;

import plaudit.model.CausalNet.Decoding;

/** Lets a newer policy version take over a batch that is being written. */
@FunctionalInterface
public interface WeightSwap {

  /** Whoever begins a batch ends it. */
  WeightSwap NONE = (decoding, version) -> version;

  /**
   * Called between two tokens; may change the weights behind {@code decoding}.
   *
   * @param version who wrote the last token
   * @return who writes the next one: the same, or a newer one
   */
  long next(Decoding decoding, long version);
}
