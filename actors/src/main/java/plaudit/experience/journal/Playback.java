package plaudit.experience.journal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.PromptStreams;
import plaudit.experience.Trajectory;
import plaudit.experience.journal.JournalFiles.Place;

/**
 * Applies the inputs of a journal to a ledger again, which must answer as it did. Changes nothing
 * on the disk. Not thread-safe.
 */
public final class Playback {

  /** Is told what happened, in the order in which it happened. */
  public interface Listener {

    /** Work was delivered in time to count, all responses to {@code grant} in their order. */
    void offered(Grant grant, List<Trajectory> trajectories);

    /** A batch was served. Once for each version, however often it was learned from. */
    void taken(Batch batch);

    /** Asked before each entry; if it does not, the rest is skipped. */
    boolean wantsMore();
  }

  private final PromptStreams prompts;
  private @Nullable Ledger ledger;
  private @Nullable ExperienceSettings settings;

  Playback(PromptStreams prompts) {
    this.prompts = prompts;
  }

  /**
   * Replays the journal of {@code run}, which must begin where the run began ({@link
   * JournalReader#whole}).
   *
   * @param prompts of the run
   * @throws JournalException.Damaged if a segment cannot be read; an unfinished end is skipped
   * @throws JournalException.Diverged if {@code prompts} or rules are others than they were
   */
  public static void of(Path run, PromptStreams prompts, Listener listener) {
    Playback playback = new Playback(prompts);
    Map<Long, Grant> grants = new HashMap<>();
    List<Place> places = JournalFiles.places(run.resolve(JournalReader.DIRECTORY));
    for (int i = 0; i < places.size() && listener.wantsMore(); i++) {
      JournalFiles.read(
          places.get(i).file(),
          i == places.size() - 1,
          head -> {
            if (listener.wantsMore()) {
              playback.head(head, true);
            }
          },
          entry -> {
            if (listener.wantsMore()) {
              tell(listener, entry, playback.entry(entry), grants);
            }
          });
    }
  }

  private static void tell(
      Listener listener, Entry entry, LedgerOutcome outcome, Map<Long, Grant> grants) {
    entry.grant().ifPresent(grant -> grants.put(grant.batchId(), grant));
    if (outcome instanceof Batch batch) {
      listener.taken(batch);
    } else if (entry.input() instanceof LedgerInput.Offer offer
        && !offer.trajectories().isEmpty()) {
      @Nullable Grant grant = grants.remove(offer.batchId());
      if (grant != null) {
        listener.offered(grant, offer.trajectories());
      }
    }
  }

  /**
   * A segment begins.
   *
   * @param continues whether the ledger must be at its state already
   */
  void head(Head head, boolean continues) {
    Ledger before = ledger;
    if (before != null && continues && !before.state().equals(head.state())) {
      throw new JournalException.Diverged("the ledger at a segment's end", before, head.state());
    }
    settings = head.settings();
    ledger = Ledger.restored(head.settings(), prompts, head.state());
  }

  /** Applies the input of {@code entry}, whose outcome must be the one of {@code entry}. */
  LedgerOutcome entry(Entry entry) {
    Ledger playing = ledger;
    if (playing == null) {
      throw new IllegalStateException("an entry before the head");
    }
    LedgerOutcome outcome = playing.apply(entry.input());
    Entry now = Entry.of(entry.input(), outcome);
    if (!now.grant().equals(entry.grant())) {
      throw new JournalException.Diverged("a grant", now.grant(), entry.grant());
    }
    if (!now.served().equals(entry.served())) {
      throw new JournalException.Diverged(
          "the batch of version " + playing.version(), now.served(), entry.served());
    }
    return outcome;
  }

  /** The ledger after the last entry; null before the first head. */
  @Nullable Ledger ledger() {
    return ledger;
  }

  /** The newest head's settings; null before the first head. */
  @Nullable ExperienceSettings settings() {
    return settings;
  }
}
