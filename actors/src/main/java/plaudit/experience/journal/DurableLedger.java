package plaudit.experience.journal;

import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.OfferReply;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Trajectory;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Model;

/**
 * A {@link Ledger} that outlives its process: whatever changes it is in the {@link Journal} before
 * anybody hears the answer.
 *
 * <p><b>Going on.</b> A run that died at version v goes on from the newest checkpoint, of version c
 * &lt;= v. The ledger is then what it was at the end, and does not go back: what waits for the
 * learner still waits, the decks stand where they stood, work that was lent is overdue under its
 * old ids. Only the learner is behind. So the batches of versions c to v - 1 are kept, and a
 * learner that asks for one of them gets the very same; and since what it makes of it depends on
 * nothing else, it makes the same weights again. That is why trajectories of samplers which held
 * the versions between c and v are still what their records say, and why nothing is learned twice
 * or passed over.
 *
 * <p><b>Segments.</b> When the learner has made a checkpoint, a new segment begins with all that
 * the ledger knows and the batches from the checkpoint's version on. Not thread-safe.
 */
public final class DurableLedger implements AutoCloseable {

  private final ExperienceSettings settings;
  private final Ledger ledger;
  private final Journal journal;

  /** Batches of the last checkpoint's version and later ones, by version. */
  private final TreeMap<Long, Batch> served = new TreeMap<>();

  private final Map<Model, Entry.Published> newest = new EnumMap<>(Model.class);

  /** What versions were when they were made for the first time. */
  private final Map<Long, String> digests = new HashMap<>();

  private long checkpoint;

  /** Where entries are played again, before the run goes on. */
  private static final class Stage {
    private final PromptStreams decks;
    private final TreeMap<Long, Batch> served = new TreeMap<>();
    private final Map<Long, String> digests = new HashMap<>();
    private @Nullable Ledger ledger;
    private @Nullable ExperienceSettings settings;

    Stage(PromptStreams decks) {
      this.decks = decks;
    }

    void head(Head head) {
      Ledger before = ledger;
      if (before != null && head.continues() && !before.state().equals(head.state())) {
        throw new JournalException.Diverged("the ledger at a segment's end", before, head.state());
      }
      settings = head.settings();
      ledger = Ledger.restored(head.settings(), decks, head.state());
      if (!head.continues()) {
        served.clear();
        digests.clear();
      }
      head.served().forEach(batch -> served.put(batch.version(), batch));
    }

    void entry(Entry entry) {
      Ledger playing = ledger;
      if (playing == null) {
        throw new IllegalStateException("an entry before the head");
      }
      Replaying.play(entry, playing, served);
      if (entry instanceof Entry.Published published
          && published.model() == Model.POLICY
          && !published.sha256().isEmpty()) {
        digests.put(published.version(), published.sha256());
      }
    }
  }

  private DurableLedger(
      ExperienceSettings settings, Ledger ledger, Journal journal, long checkpoint) {
    this.settings = settings;
    this.ledger = ledger;
    this.journal = journal;
    this.checkpoint = checkpoint;
  }

  /**
   * The ledger of a run that begins, or goes on without what it had under way, at {@code
   * settings.start()}.
   *
   * @param firstBatchId see {@link Ledger#Ledger(ExperienceSettings, Decks, long)}
   */
  public static DurableLedger fresh(
      ExperienceSettings settings, PromptStreams decks, long firstBatchId, Journal journal) {
    long version = settings.start().version();
    DurableLedger fresh =
        new DurableLedger(settings, new Ledger(settings, decks, firstBatchId), journal, version);
    fresh.begin(false);
    return fresh;
  }

  /**
   * The ledger of a run that goes on from {@code checkpoint}, as its journal knows it.
   *
   * @param decks whole, from the first prompt on
   * @return empty if the journal does not reach back to {@code checkpoint}
   * @throws JournalException if it does, but cannot be used
   * @throws InvalidInputException if {@code settings} count in other batches or groups
   */
  public static Optional<DurableLedger> resumed(
      ExperienceSettings settings,
      PromptStreams decks,
      long checkpoint,
      long firstBatchId,
      Journal journal) {
    Stage stage = new Stage(decks);
    if (!journal.read(checkpoint, stage::head, stage::entry)) {
      return Optional.empty();
    }
    Ledger old = stage.ledger;
    ExperienceSettings then = stage.settings;
    if (old == null || then == null) {
      return Optional.empty();
    }
    require("batch-size", settings.batchSize(), then.batchSize());
    require("group", settings.group(), then.group());
    Ledger ledger = Ledger.restored(settings, decks, old.state());
    DurableLedger resumed = new DurableLedger(settings, ledger, journal, checkpoint);
    resumed.served.putAll(stage.served.tailMap(checkpoint, true));
    resumed.digests.putAll(stage.digests);
    resumed.begin(true);
    resumed.did(new Entry.Resumed(firstBatchId));
    ledger.resumed(firstBatchId);
    return Optional.of(resumed);
  }

  private static void require(String key, int now, int then) {
    if (now != then) {
      throw InvalidInputException.of(
          "plaudit.experience." + key, now, then + ", as in the run's journal");
    }
  }

  /** See {@link Ledger#lend}. */
  public Optional<Grant> lend(String holder, long loadedVersion, Instant now) {
    Optional<Grant> grant = ledger.lend(holder, loadedVersion, now);
    grant.ifPresent(given -> did(new Entry.Lent(holder, loadedVersion, now, given)));
    return grant;
  }

  /** See {@link Ledger#offer}. */
  public OfferReply offer(long batchId, List<Trajectory> trajectories) {
    OfferReply reply = ledger.offer(batchId, trajectories);
    boolean late = reply instanceof OfferReply.Superseded;
    did(new Entry.Offered(batchId, late ? List.of() : trajectories));
    return reply;
  }

  /** See {@link Ledger#asked}. */
  public OfferReply asked(long batchId, int comparisons) {
    OfferReply reply = ledger.asked(batchId, comparisons);
    did(new Entry.Asked(batchId, comparisons));
    return reply;
  }

  /** See {@link Ledger#take}; batches from the last checkpoint on are served again too. */
  public Optional<Batch> take(long current, int size) {
    Batch again = served.get(current);
    if (again != null) {
      return Optional.of(again);
    }
    if (current > ledger.version()) {
      did(new Entry.Published(Model.POLICY, current, ""));
    }
    Optional<Batch> batch = ledger.take(current, size);
    batch.ifPresent(
        taken -> {
          served.put(current, taken);
          did(
              new Entry.Taken(
                  current, size, taken.trajectories().stream().map(Entry.Key::of).toList()));
        });
    return batch;
  }

  /** See {@link Ledger#expire}. */
  public List<Long> expire(Instant now) {
    List<Long> recalled = ledger.expire(now);
    if (!recalled.isEmpty()) {
      did(new Entry.Expired(now));
    }
    return recalled;
  }

  /** See {@link Ledger#release}. */
  public List<Long> release(String holder) {
    List<Long> recalled = ledger.release(holder);
    if (!recalled.isEmpty()) {
      did(new Entry.Released(holder));
    }
    return recalled;
  }

  /**
   * The registry has another version.
   *
   * @return the digest that this version of the policy had when it was made before, if it was and
   *     had another: then it was not made of the same, and samplers that held the old one wrote
   *     with weights which do not exist any more
   */
  public Optional<String> published(Model model, long version, String sha256) {
    Entry.Published now = new Entry.Published(model, version, sha256);
    if (now.equals(newest.put(model, now))) {
      return Optional.empty();
    }
    did(now);
    if (model == Model.REWARD) {
      ledger.rewardPublished();
      return Optional.empty();
    }
    ledger.policyPublished(version);
    String before = digests.put(version, sha256);
    return Optional.ofNullable(before).filter(digest -> !digest.equals(sha256));
  }

  /** See {@link Ledger#keepPace}. */
  public void keepPace(Pace pace) {
    if (!pace.equals(ledger.pace())) {
      did(new Entry.Paced(pace));
      ledger.keepPace(pace);
    }
  }

  /** The learner has finished the checkpoint of {@code version}. Saying so twice is harmless. */
  public void checkpointed(long version) {
    if (version > checkpoint) {
      checkpoint = version;
      served.headMap(version).clear();
      digests.keySet().removeIf(made -> made < version);
      begin(true);
    }
  }

  /** See {@link Ledger#nextExpiry}. */
  public Optional<Instant> nextExpiry() {
    return ledger.nextExpiry();
  }

  /** See {@link Ledger#holders}. */
  public Set<String> holders() {
    return ledger.holders();
  }

  /** For those who only look. */
  public Ledger ledger() {
    return ledger;
  }

  /** Batches that are served again if somebody asks, the newest included. */
  public int kept() {
    return served.size();
  }

  @Override
  public void close() {
    journal.close();
  }

  private void begin(boolean continues) {
    journal.begin(
        new Head(checkpoint, settings, ledger.state(), List.copyOf(served.values()), continues));
  }

  private void did(Entry entry) {
    journal.append(entry);
  }
}
