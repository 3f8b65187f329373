package plaudit.experience;

/** How many trajectories came to what, since the start of the run. */
final class TrajectoryCounts {

  private long admitted;
  private long served;
  private long accepted;
  private long taken;
  private long dropped;
  private long superseded;

  /** Of a run that begins with {@code learned} trajectories learned from. */
  TrajectoryCounts(long learned) {
    admitted = learned;
    served = learned;
    accepted = learned;
    taken = learned;
  }

  /** Goes on from where another was. */
  TrajectoryCounts(LedgerState state) {
    admitted = state.admitted();
    served = state.served();
    accepted = state.accepted();
    taken = state.taken();
    dropped = state.dropped();
    superseded = state.superseded();
  }

  /** Accepted and not dropped: the admission rule's count. */
  long admitted() {
    return admitted;
  }

  /** Served, so at most {@link #admitted}. */
  long served() {
    return served;
  }

  /** Accepted. */
  long accepted() {
    return accepted;
  }

  /** Served by this ledger or learned from before it. */
  long taken() {
    return taken;
  }

  /** Dropped for staleness, at delivery or later. */
  long dropped() {
    return dropped;
  }

  /** Deliveries that came twice or too late to count. */
  long superseded() {
    return superseded;
  }

  /** A delivery: so many are kept, and so many are too old already. */
  void delivered(int kept, int stale) {
    admitted += kept;
    accepted += kept;
    dropped += stale;
  }

  /** So many that had been accepted are dropped: their place in the room is free again. */
  void droppedWaiting(int number) {
    dropped += number;
    admitted -= number;
  }

  /** A batch is served. */
  void serve(int size) {
    served += size;
    taken += size;
  }

  /** A version was made from batches that this ledger has not served. */
  void learnedElsewhere(long number) {
    correctServed(number);
    accepted += number;
    taken += number;
  }

  /** The learner's version says that more was served, or less. */
  void correctServed(long by) {
    served += by;
    admitted += by;
  }

  /** A delivery does not count. */
  void supersede() {
    superseded++;
  }
}
