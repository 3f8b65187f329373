package plaudit.gateway.store;

/** What a judgment is used for. */
public enum Disposition {
  /** It is a label. */
  ADMITTED,
  /** The comparison already had what it needed: kept for agreement, not for the loss. */
  SURPLUS,
  /** A later revision stands in its place. */
  SUPERSEDED
}
