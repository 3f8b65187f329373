package plaudit.parallel;

import java.nio.file.Path;
import java.util.function.Consumer;
import plaudit.input.InvalidInputException;
import plaudit.optim.Network;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.TransferFiles;

/** Computes gradients for the optimizer of another node. Belongs to one thread. */
public final class HelperEngine implements AutoCloseable {

  private final GradientAccumulator gradients;
  private final TransferFiles files;
  private String delivered = "";

  /**
   * An engine.
   *
   * @param gradients with networks of its own, closed with this object
   * @param files served to the learner
   */
  public HelperEngine(GradientAccumulator gradients, TransferFiles files) {
    this.gradients = gradients;
    this.files = files;
  }

  /**
   * Computes a gradient and writes it to a file that stays until the next one.
   *
   * @param id of the question, for names of files
   * @throws InvalidInputException if the learner's settings are others than here
   */
  public Gradient compute(long id, Work work) {
    if (!work.terms().equals(gradients.terms())) {
      throw InvalidInputException.of("settings of a helper", gradients.terms(), work.terms());
    }
    if (!delivered.isEmpty()) {
      files.delete(delivered);
    }
    fetch(
        work.weights(),
        "weights-" + id,
        file -> GradientCodec.load(GradientCodec.open(file, gradients.nets()), gradients.nets()));
    UpdateStats stats = new UpdateStats();
    try {
      fetch(
          work.targets(),
          "targets-" + id,
          file ->
              gradients.addPart(
                  GradientCodec.readTargets(file),
                  work.outOf(),
                  work.beta(),
                  stats,
                  work.unchanged()));
      delivered = "gradient-" + id;
      FileRef gradient =
          files.write(delivered, out -> GradientCodec.writeGradients(gradients.nets(), out));
      return new Gradient(gradient, stats.part(), gradients.shape());
    } finally {
      gradients.nets().forEach(Network::clearGradients);
    }
  }

  private void fetch(FileRef file, String as, Consumer<Path> use) {
    try {
      use.accept(files.fetch(file, as));
    } finally {
      files.delete(as);
    }
  }

  @Override
  public void close() {
    gradients.close();
  }
}
