package plaudit.experience;

/** How the hard staleness bound K is held. */
public enum OnStale {
  /** What became too old is dropped and sampled anew. Nobody waits. */
  DROP,

  /** The learner waits for what would become too old without it. Nothing is dropped. */
  WAIT
}
