package plaudit.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.LedgerOutcome.Silent;
import plaudit.experience.OnStale;
import plaudit.experience.Pace;
import plaudit.experience.Trajectory;
import plaudit.experience.journal.DurableLedger;

/** A ledger with some {@link Defect}s. */
final class SpoiledLedger extends RealLedger {

  private final Set<Defect> defects;
  private final Map<Long, List<Trajectory>> delivered = new HashMap<>();
  private final List<Trajectory> again = new ArrayList<>();
  private @Nullable Grant lent;
  private @Nullable Batch last;

  SpoiledLedger(Set<Defect> defects, DurableLedger ledger) {
    super(ledger);
    this.defects = defects;
    if (has(Defect.BEGINS_WITHOUT_A_WORD)) {
      super.apply(new LedgerInput.KeepPace(Pace.FREE));
    }
  }

  static ExperienceSettings spoil(ExperienceSettings s, Set<Defect> defects) {
    int eta = s.eta() + (defects.contains(Defect.ADMITS_TOO_MUCH) ? 1 : 0);
    int bound = defects.contains(Defect.IGNORES_STALENESS) ? 1_000 : s.maxStaleness() + 1;
    if (defects.contains(Defect.DROPS_INSTEAD_OF_WAITING)) {
      return s.holdingBy(OnStale.DROP);
    }
    return defects.contains(Defect.ADMITS_TOO_MUCH) || defects.contains(Defect.IGNORES_STALENESS)
        ? new ExperienceSettings(
            s.batchSize(),
            eta,
            bound,
            s.grantPrompts(),
            s.questionPrompts(),
            s.questionResponses(),
            s.leaseTime(),
            s.episodes(),
            s.start(),
            s.group(),
            s.onStale())
        : s;
  }

  @Override
  LedgerOutcome apply(LedgerInput input) {
    if (input instanceof LedgerInput.Lend) {
      return lend(input);
    } else if (input instanceof LedgerInput.Offer offer) {
      return offer(offer);
    } else if (input instanceof LedgerInput.Asked asked) {
      int factor = has(Defect.COUNTS_QUESTIONS_TWICE) ? 2 : 1;
      return super.apply(new LedgerInput.Asked(asked.batchId(), factor * asked.comparisons()));
    } else if (input instanceof LedgerInput.Take) {
      return super.apply(input) instanceof Batch batch ? served(batch) : Silent.UNCHANGED;
    } else if (input instanceof LedgerInput.KeepPace keep && has(Defect.IGNORES_PACE)) {
      Pace pace = keep.pace();
      return super.apply(
          new LedgerInput.KeepPace(new Pace(pace.questions(), pace.validations(), Long.MAX_VALUE)));
    }
    boolean ends = input instanceof LedgerInput.Expire || input instanceof LedgerInput.Release;
    return ends && has(Defect.LOSES_OVERDUE_WORK) ? Silent.UNCHANGED : super.apply(input);
  }

  private LedgerOutcome lend(LedgerInput input) {
    if (has(Defect.LENDS_TWICE) && lent != null) {
      Grant twice = lent;
      lent = null;
      return twice;
    }
    LedgerOutcome outcome = super.apply(input);
    lent = outcome instanceof Grant grant ? grant : null;
    return outcome;
  }

  private LedgerOutcome offer(LedgerInput.Offer offer) {
    LedgerOutcome reply = super.apply(offer);
    if (has(Defect.FORGETS_DELIVERIES) && delivered.containsKey(offer.batchId())) {
      again.addAll(offer.trajectories());
    }
    delivered.put(offer.batchId(), offer.trajectories());
    return reply;
  }

  private Batch served(Batch batch) {
    List<Trajectory> served = new ArrayList<>(batch.trajectories());
    if (has(Defect.SERVES_ANOTHER_BATCH) && batch.equals(last)) {
      Collections.reverse(served);
    }
    last = batch;
    for (int i = 0; i < served.size() && !again.isEmpty(); i++) {
      served.set(i, again.remove(0));
    }
    return new Batch(batch.version(), served);
  }

  private boolean has(Defect defect) {
    return defects.contains(defect);
  }
}
