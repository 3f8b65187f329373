package plaudit.parallel;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import plaudit.policy.ComputeShape;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;

/** The helpers that can be reached now. */
public interface GradientWorkers {

  /** Their names, always in the same order. */
  List<String> present();

  /**
   * Asks one of them for a gradient.
   *
   * @return fails when the helper declines or is gone; to be cancelled when the answer is not
   *     needed any more
   */
  CompletableFuture<Gradient> ask(String helper, Work work);

  /**
   * Some rows of a minibatch whose gradient is wanted.
   *
   * @param weights the trained weights, as they are in this step, see {@link GradientCodec}
   * @param targets the rows, likewise
   * @param outOf weight of the whole minibatch
   * @param beta KL coefficient
   * @param unchanged the policy's version if no step has changed it since, else -1
   * @param terms settings of the losses; a helper with other settings declines
   */
  record Work(
      FileRef weights, FileRef targets, long outOf, double beta, long unchanged, String terms) {}

  /**
   * The gradient of the rows.
   *
   * @param file that the helper keeps until it computes the next one, see {@link GradientCodec}
   * @param stats of the rows
   * @param shape of the helper's computation
   */
  record Gradient(FileRef file, UpdateStats.Part stats, ComputeShape shape) {}
}
