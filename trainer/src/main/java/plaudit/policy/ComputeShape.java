package plaudit.policy;

/**
 * What the rounding of a gradient depends on besides its rows and the kind of processor.
 *
 * @param microBatch sequences of one forward and backward pass; 0 if unknown
 * @param tokens of one such pass at most; 0 for no bound
 * @param threads intra-operation threads; 0 if unknown
 */
public record ComputeShape(int microBatch, int tokens, int threads) {

  /** Checks the numbers. */
  public ComputeShape {
    if (microBatch < 0 || tokens < 0 || threads < 0) {
      throw new IllegalArgumentException(
          "micro-batch %d, tokens %d, threads %d (expected: >= 0)"
              .formatted(microBatch, tokens, threads));
    }
  }

  /** One without a bound on tokens. */
  public ComputeShape(int microBatch, int threads) {
    this(microBatch, 0, threads);
  }

  /** This one, with the numbers of {@code other} where its own are unknown. */
  public ComputeShape or(ComputeShape other) {
    return new ComputeShape(
        microBatch == 0 ? other.microBatch : microBatch,
        microBatch == 0 ? other.tokens : tokens,
        threads == 0 ? other.threads : threads);
  }
}
