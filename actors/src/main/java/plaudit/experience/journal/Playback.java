package plaudit.experience.journal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.PromptStreams;
import plaudit.experience.Trajectory;
import plaudit.experience.journal.JournalFiles.Place;

/**
 * Plays a whole journal to a ledger once more and tells what was delivered and what was served, in
 * the order in which it happened. Changes nothing on the disk.
 */
public final class Playback {

  /** Hears what happened. */
  public interface Listener {

    /** Work came back in time to count, all responses to {@code grant} in their order. */
    void offered(Grant grant, List<Trajectory> trajectories);

    /** The learner got its batch. Each version's is told once, however often it was learned. */
    void taken(Batch batch);

    /** Asked after each entry; when it does not the rest is passed over. */
    boolean wantsMore();
  }

  private final PromptStreams decks;
  private final Listener listener;
  private final Map<Long, Grant> grants = new HashMap<>();
  private @Nullable Ledger ledger;

  private Playback(PromptStreams decks, Listener listener) {
    this.decks = decks;
    this.listener = listener;
  }

  /**
   * Plays the journal of {@code run}, which must begin where the run began ({@link
   * JournalReader#whole}).
   *
   * @param decks of the run
   * @throws JournalException.Damaged if a segment cannot be read; an unfinished end is passed over
   * @throws JournalException.Diverged if {@code decks} or rules are others than they were
   */
  public static void of(Path run, PromptStreams decks, Listener listener) {
    Playback playback = new Playback(decks, listener);
    List<Place> places = JournalFiles.places(run.resolve(JournalReader.DIRECTORY));
    for (int i = 0; i < places.size() && listener.wantsMore(); i++) {
      JournalFiles.read(
          places.get(i).file(), i == places.size() - 1, playback::head, playback::entry);
    }
  }

  private void head(Head head) {
    Ledger before = ledger;
    if (before != null && listener.wantsMore() && !before.state().equals(head.state())) {
      throw new JournalException.Diverged("the ledger at a segment's end", before, head.state());
    }
    ledger = Ledger.restored(head.settings(), decks, head.state());
  }

  private void entry(Entry entry) {
    if (!listener.wantsMore()) {
      return;
    }
    Ledger playing = ledger;
    if (playing == null) {
      throw new IllegalStateException("an entry before the head");
    }
    Map<Long, Batch> served = new TreeMap<>();
    Replaying.play(entry, playing, served);
    if (entry instanceof Entry.Lent lent) {
      grants.put(lent.grant().batchId(), lent.grant());
    } else if (entry instanceof Entry.Offered offered && !offered.trajectories().isEmpty()) {
      @Nullable Grant grant = grants.remove(offered.batchId());
      if (grant != null) {
        listener.offered(grant, offered.trajectories());
      }
    }
    served.values().forEach(listener::taken);
  }
}
