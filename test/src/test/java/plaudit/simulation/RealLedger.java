package plaudit.simulation;

import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.journal.DurableLedger;

/** The real {@link DurableLedger}, in a form that a {@link Defect} can spoil. */
class RealLedger {

  private final DurableLedger ledger;

  RealLedger(DurableLedger ledger) {
    this.ledger = ledger;
  }

  LedgerOutcome apply(LedgerInput input) {
    return ledger.apply(input);
  }

  void checkpointed(long version) {
    ledger.checkpointed(version);
  }

  /** To be read only. */
  Ledger state() {
    return ledger.ledger();
  }
}
