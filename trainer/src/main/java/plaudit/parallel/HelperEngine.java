package plaudit.parallel;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plaudit.input.InvalidInputException;
import plaudit.optim.TrainedNet;
import plaudit.parallel.actor.HelperProtocol.Gradient;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.FileRef;
import plaudit.snapshots.TransferFiles;

/** Computes gradients for somebody else's optimizer. Belongs to one thread. */
public final class HelperEngine implements AutoCloseable {

  private final GradientAccumulator backward;
  private final TransferFiles parcels;
  private String delivered = "";

  /**
   * An engine.
   *
   * @param backward with networks of its own, closed with this object
   * @param parcels others fetch from there
   */
  public HelperEngine(GradientAccumulator backward, TransferFiles parcels) {
    this.backward = backward;
    this.parcels = parcels;
  }

  /**
   * The gradient that is wanted, as a file that stays until the next one.
   *
   * @throws InvalidInputException if the learner's settings are others than here
   */
  public Gradient compute(long id, Work work) {
    if (!work.terms().equals(backward.terms())) {
      throw InvalidInputException.of("settings of a helper", backward.terms(), work.terms());
    }
    if (!delivered.isEmpty()) {
      parcels.delete(delivered);
    }
    fetched(
        work.weights(),
        "weights-" + id,
        file -> NetFiles.load(NetFiles.open(file, backward.nets()), backward.nets()));
    UpdateStats stats = new UpdateStats();
    try {
      fetched(
          work.lesson(),
          "lesson-" + id,
          file -> backward.addPart(read(file), work.outOf(), work.beta(), stats, work.untouched()));
      delivered = "gradient-" + id;
      FileRef gradient =
          parcels.write(delivered, out -> NetFiles.writeGradients(backward.nets(), out));
      return new Gradient(id, gradient, stats.part(), backward.shape());
    } finally {
      backward.nets().forEach(TrainedNet::clearGradients);
    }
  }

  private interface Use {
    void of(Path file);
  }

  private void fetched(FileRef parcel, String as, Use use) {
    try {
      use.of(parcels.fetch(parcel, as));
    } finally {
      parcels.delete(as);
    }
  }

  private static MinibatchTargets read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return MinibatchTargetsCodec.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  @Override
  public void close() {
    backward.close();
  }
}
