package plaudit.experience.journal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.snapshots.Model;

/** Plays entries to a ledger, which must answer what it answered. */
final class Replaying {

  private Replaying() {}

  /**
   * One entry.
   *
   * @param served is added to when it is a batch
   */
  static void play(Entry entry, Ledger ledger, Map<Long, Batch> served) {
    if (entry instanceof Entry.Lent lent) {
      Optional<Grant> grant = ledger.lend(lent.holder(), lent.loadedVersion(), lent.now());
      require("a grant", grant, Optional.of(lent.grant()));
    } else if (entry instanceof Entry.Offered offered) {
      ledger.offer(offered.batchId(), offered.trajectories());
    } else if (entry instanceof Entry.Asked asked) {
      ledger.asked(asked.batchId(), asked.comparisons());
    } else if (entry instanceof Entry.Taken taken) {
      Optional<Batch> batch = ledger.take(taken.version(), taken.size());
      List<Entry.Key> keys =
          batch.map(b -> b.trajectories().stream().map(Entry.Key::of).toList()).orElse(List.of());
      require("the batch of version " + taken.version(), keys, taken.keys());
      batch.ifPresent(b -> served.put(b.version(), b));
    } else if (entry instanceof Entry.Expired expired) {
      ledger.expire(expired.now());
    } else if (entry instanceof Entry.Released released) {
      ledger.release(released.holder());
    } else if (entry instanceof Entry.Published published) {
      if (published.model() == Model.POLICY) {
        ledger.policyPublished(published.version());
      } else {
        ledger.rewardPublished();
      }
    } else if (entry instanceof Entry.Paced paced) {
      ledger.keepPace(paced.pace());
    } else if (entry instanceof Entry.Resumed resumed) {
      ledger.resumed(resumed.firstBatchId());
    }
  }

  private static void require(String what, Object now, Object then) {
    if (!now.equals(then)) {
      throw new JournalException.Diverged(what, now, then);
    }
  }
}
