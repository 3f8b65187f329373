package plaudit.gateway.store;

/** What came of handing a task back, skipping it or flagging it. */
public enum TaskOutcome {
  /** Done, now or before. */
  DONE,
  /** The vendor never held it. */
  UNKNOWN,
  /** Another labeler of the same vendor holds or held it, not the one that is named. */
  OF_ANOTHER_LABELER
}
