package plaudit.policy;

/**
 * What the rounding of a gradient depends on besides its rows and the kind of processor.
 *
 * @param microBatch sequences of one forward and backward pass; 0 if unknown
 * @param threads intra-operation threads; 0 if unknown
 */
public record ComputeShape(int microBatch, int threads) {

  /** Checks the numbers. */
  public ComputeShape {
    if (microBatch < 0 || threads < 0) {
      throw new IllegalArgumentException(
          "micro-batch %d, threads %d (expected: >= 0)".formatted(microBatch, threads));
    }
  }

  /** This one, with the numbers of {@code other} where its own are unknown. */
  public ComputeShape or(ComputeShape other) {
    return new ComputeShape(
        microBatch == 0 ? other.microBatch : microBatch, threads == 0 ? other.threads : threads);
  }
}
