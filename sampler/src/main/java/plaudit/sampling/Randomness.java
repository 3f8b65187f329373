package plaudit.sampling;

/**
 * The randomness of rollouts: a pure function of what is sampled, so that work done again gives the
 * same response.
 */
public final class Randomness {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Randomness() {}

  /**
   * A uniform number in [0, 1) for one token of one response.
   *
   * @param runSeed the run's seed
   * @param promptId which prompt
   * @param policyVersion the version that samples, or that began where another goes on
   * @param index which of the prompt's responses
   * @param position which token of the response
   */
  public static float uniform(
      long runSeed, long promptId, long policyVersion, int index, int position) {
    long h = mix(runSeed + GOLDEN);
    h = mix(h ^ (promptId * GOLDEN));
    h = mix(h ^ (policyVersion * 0xBF58476D1CE4E5B9L));
    h = mix(h ^ (((long) index << 32) + position));
    return (h >>> 40) * 0x1p-24f;
  }

  /** The finalizer of splitmix64: every bit of the input moves every bit of the result. */
  private static long mix(long value) {
    long z = value + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
