package plaudit.parallel;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plaudit.input.InvalidInputException;
import plaudit.optim.TrainedNet;
import plaudit.parallel.HelperProtocol.Gradient;
import plaudit.policy.Backward;
import plaudit.policy.Lesson;
import plaudit.policy.UpdateStats;
import plaudit.snapshots.Parcel;
import plaudit.snapshots.Parcels;

/** Computes gradients for somebody else's optimizer. Belongs to one thread. */
final class HelperEngine implements AutoCloseable {

  private final Backward backward;
  private final Parcels parcels;
  private String delivered = "";

  /**
   * An engine.
   *
   * @param backward with networks of its own, closed with this object
   * @param parcels others fetch from there
   */
  HelperEngine(Backward backward, Parcels parcels) {
    this.backward = backward;
    this.parcels = parcels;
  }

  /**
   * The gradient that is wanted, as a file that stays until the next one.
   *
   * @throws InvalidInputException if the learner's settings are others than here
   */
  Gradient compute(long id, Work work) {
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
          file -> backward.of(read(file), work.outOf(), work.beta(), stats, work.untouched()));
      delivered = "gradient-" + id;
      Parcel gradient =
          parcels.write(delivered, out -> NetFiles.writeGradients(backward.nets(), out));
      return new Gradient(id, gradient, stats.part(), backward.manner());
    } finally {
      backward.nets().forEach(TrainedNet::clearGradients);
    }
  }

  private interface Use {
    void of(Path file);
  }

  private void fetched(Parcel parcel, String as, Use use) {
    try {
      use.of(parcels.fetch(parcel, as));
    } finally {
      parcels.delete(as);
    }
  }

  private static Lesson read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return LessonCodec.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  @Override
  public void close() {
    backward.close();
  }
}
