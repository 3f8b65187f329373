package plaudit.experience.journal;

import java.util.List;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.LedgerState;

/**
 * The first record of a journal's segment.
 *
 * @param checkpoint the policy checkpoint that it belongs to; 0 is the start of a run
 * @param settings the ledger's, from here on
 * @param state the ledger's, before the first entry
 * @param served batches of the checkpoint's version and later ones, oldest first: a learner that
 *     resumes from the checkpoint gets them again
 * @param continues whether the ledger continues where the segment before this one ended; not if the
 *     run began here, or was resumed here without its journal
 */
public record Head(
    long checkpoint,
    ExperienceSettings settings,
    LedgerState state,
    List<Batch> served,
    boolean continues) {
  public Head {
    served = List.copyOf(served);
  }
}
