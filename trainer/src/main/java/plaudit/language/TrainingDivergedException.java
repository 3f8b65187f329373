package plaudit.language;

/** The loss is no longer a number: what was learned since the last checkpoint is lost. */
public final class TrainingDivergedException extends RuntimeException {

  /** A whole sentence. */
  public TrainingDivergedException(String message) {
    super(message);
  }

  /** At {@code step}, from 1, with the highest learning rate {@code rate}. */
  public TrainingDivergedException(long step, double rate, double loss) {
    super(
        "loss at step %d with learning rate %s: %s (expected: a finite number); lower the learning rate"
            .formatted(step, rate, loss));
  }
}
