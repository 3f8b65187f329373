package plaudit.snapshots;

/** Which of the run's models a snapshot belongs to. The reference is policy version 0. */
public enum Model {
  POLICY,
  REWARD;

  /** Lower case, as in file names. */
  public String slug() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
