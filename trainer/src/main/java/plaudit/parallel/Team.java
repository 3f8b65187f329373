package plaudit.parallel;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import plaudit.parallel.HelperProtocol.Gradient;

/** The helpers that can be reached now. */
interface Team {

  /** Their names, always in the same order. */
  List<String> present();

  /**
   * Asks one of them for a gradient.
   *
   * @return fails when the helper declines or is gone
   */
  CompletableFuture<Gradient> ask(String helper, Work work);
}
