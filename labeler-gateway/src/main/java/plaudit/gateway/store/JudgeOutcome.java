package plaudit.gateway.store;

/** What came of a judgment or an amendment. */
public sealed interface JudgeOutcome {

  /** Durable now. */
  record Recorded(StoredJudgment judgment) implements JudgeOutcome {}

  /** Durable before: the same request or the same answer again. */
  record Repeated(StoredJudgment judgment) implements JudgeOutcome {}

  /** This labeler answered the comparison differently before; amend instead. */
  record Conflict(StoredJudgment existing) implements JudgeOutcome {}

  /** The key came with another body before. */
  record KeyReused() implements JudgeOutcome {}

  /** No such lease (or judgment, for an amendment) of this vendor. */
  record Unknown() implements JudgeOutcome {}

  /** The lease is another labeler's of the same vendor. */
  record LeaseOfAnotherLabeler() implements JudgeOutcome {}

  /** The epoch is not the lease's, or the same labeler holds a newer lease of the comparison. */
  record LeaseSuperseded(String detail) implements JudgeOutcome {}

  /** The comparison has no such choice. */
  record UnknownChoice(String choiceId) implements JudgeOutcome {}

  /** A time that cannot be: the field's JSON Pointer and why. */
  record ImplausibleTime(String pointer, String detail) implements JudgeOutcome {}

  /** Too late to amend, or not the newest revision. */
  record NotAmendable(String detail) implements JudgeOutcome {}
}
