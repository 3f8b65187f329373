package plaudit.parallel;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import plaudit.parallel.actor.HelperProtocol.Gradient;

/** The helpers that can be reached now. */
public interface GradientWorkers {

  /** Their names, always in the same order. */
  List<String> present();

  /**
   * Asks one of them for a gradient.
   *
   * @return fails when the helper declines or is gone
   */
  CompletableFuture<Gradient> ask(String helper, Work work);
}
