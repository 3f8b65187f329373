package plaudit.simulation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.OfferReply;
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
  private Optional<Batch> last = Optional.empty();

  SpoiledLedger(Set<Defect> defects, DurableLedger ledger) {
    super(ledger);
    this.defects = defects;
    if (has(Defect.BEGINS_WITHOUT_A_WORD)) {
      super.keepPace(Pace.FREE);
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
  Optional<Grant> lend(String holder, long loadedVersion, Instant now) {
    if (has(Defect.LENDS_TWICE) && lent != null) {
      Grant twice = lent;
      lent = null;
      return Optional.of(twice);
    }
    Optional<Grant> grant = super.lend(holder, loadedVersion, now);
    lent = grant.orElse(null);
    return grant;
  }

  @Override
  OfferReply offer(long batchId, List<Trajectory> trajectories) {
    OfferReply reply = super.offer(batchId, trajectories);
    if (has(Defect.FORGETS_DELIVERIES) && delivered.containsKey(batchId)) {
      again.addAll(trajectories);
    }
    delivered.put(batchId, trajectories);
    return reply;
  }

  @Override
  OfferReply asked(long batchId, int comparisons) {
    int factor = has(Defect.COUNTS_QUESTIONS_TWICE) ? 2 : 1;
    return super.asked(batchId, factor * comparisons);
  }

  @Override
  Optional<Batch> take(long version, int size) {
    Optional<Batch> batch = super.take(version, size);
    if (batch.isEmpty()) {
      return batch;
    }
    List<Trajectory> served = new ArrayList<>(batch.get().trajectories());
    if (has(Defect.SERVES_ANOTHER_BATCH) && batch.equals(last)) {
      Collections.reverse(served);
    }
    last = batch;
    for (int i = 0; i < served.size() && !again.isEmpty(); i++) {
      served.set(i, again.remove(0));
    }
    return Optional.of(new Batch(version, served));
  }

  @Override
  List<Long> expire(Instant now) {
    return has(Defect.LOSES_OVERDUE_WORK) ? List.of() : super.expire(now);
  }

  @Override
  List<Long> release(String holder) {
    return has(Defect.LOSES_OVERDUE_WORK) ? List.of() : super.release(holder);
  }

  @Override
  void keepPace(Pace pace) {
    long episodes = has(Defect.IGNORES_PACE) ? Long.MAX_VALUE : pace.episodes();
    super.keepPace(new Pace(pace.questions(), pace.validations(), episodes));
  }

  private boolean has(Defect defect) {
    return defects.contains(defect);
  }
}
