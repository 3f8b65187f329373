package plaudit.experience.journal;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Ledger;
import plaudit.experience.LedgerInput;
import plaudit.experience.LedgerInput.Published;
import plaudit.experience.LedgerInput.Resume;
import plaudit.experience.LedgerInput.Take;
import plaudit.experience.LedgerOutcome;
import plaudit.experience.LedgerOutcome.Remade;
import plaudit.experience.LedgerOutcome.Silent;
import plaudit.experience.PromptStreams;
import plaudit.input.InvalidInputException;
import plaudit.snapshots.Model;

/**
 * A {@link Ledger} that outlives its process: each input that changes it is in the {@link Journal}
 * before {@link #apply} answers.
 *
 * <p><b>Resuming.</b> A run that died at version v resumes from the newest checkpoint, of version c
 * &lt;= v. The ledger is then what it was at the end, and does not go back: what waits for the
 * learner still waits, the prompt streams stand where they stood, work that was lent is overdue
 * under its old ids. Only the learner is behind. So the batches of versions c to v - 1 are kept,
 * and a learner that asks for one of them gets the very same; and since what it makes of it depends
 * on nothing else, it makes the same weights again. That is why trajectories of samplers that held
 * the versions between c and v are still what their records say, and why no batch is learned from
 * twice or skipped.
 *
 * <p><b>Segments.</b> When the learner has made a checkpoint, a new segment begins with the whole
 * state of the ledger and the batches from the checkpoint's version on. Not thread-safe.
 */
public final class DurableLedger implements AutoCloseable {

  private final ExperienceSettings settings;
  private final Ledger ledger;
  private final Journal journal;

  /** Batches of the last checkpoint's version and later ones, by version. */
  private final TreeMap<Long, Batch> served = new TreeMap<>();

  /** SHA-256 of the policy versions since the last checkpoint, as first published. */
  private final Map<Long, String> digests = new HashMap<>();

  private final Map<Model, Published> newest = new EnumMap<>(Model.class);
  private long checkpoint;

  private DurableLedger(
      ExperienceSettings settings, Ledger ledger, Journal journal, long checkpoint) {
    this.settings = settings;
    this.ledger = ledger;
    this.journal = journal;
    this.checkpoint = checkpoint;
  }

  /**
   * The ledger of a run that begins, or resumes without a journal, at {@code settings.start()}.
   *
   * @param firstBatchId see {@link Ledger#Ledger(ExperienceSettings, PromptStreams, long)}
   */
  public static DurableLedger fresh(
      ExperienceSettings settings, PromptStreams prompts, long firstBatchId, Journal journal) {
    Ledger ledger = new Ledger(settings, prompts, firstBatchId);
    DurableLedger fresh = new DurableLedger(settings, ledger, journal, settings.start().version());
    fresh.begin(false);
    return fresh;
  }

  /**
   * The ledger of a run that resumes from {@code checkpoint}, as its journal has it.
   *
   * @param prompts whole, from the first prompt on
   * @return empty if the journal does not reach back to {@code checkpoint}
   * @throws JournalException if it does, but cannot be used
   * @throws InvalidInputException if {@code settings} count in other batches or groups
   */
  public static Optional<DurableLedger> resumed(
      ExperienceSettings settings,
      PromptStreams prompts,
      long checkpoint,
      long firstBatchId,
      Journal journal) {
    Playback playback = new Playback(prompts);
    TreeMap<Long, Batch> served = new TreeMap<>();
    Map<Long, String> digests = new HashMap<>();
    boolean reaches =
        journal.read(
            checkpoint,
            head -> {
              playback.head(head, head.continues());
              if (!head.continues()) {
                served.clear();
                digests.clear();
              }
              head.served().forEach(batch -> served.put(batch.version(), batch));
            },
            entry -> {
              if (playback.entry(entry) instanceof Batch batch) {
                served.put(batch.version(), batch);
              } else if (entry.input() instanceof Published published
                  && published.model() == Model.POLICY
                  && !published.sha256().isEmpty()) {
                digests.put(published.version(), published.sha256());
              }
            });
    Ledger old = playback.ledger();
    ExperienceSettings then = playback.settings();
    if (!reaches || old == null || then == null) {
      return Optional.empty();
    }
    require("batch-size", settings.batchSize(), then.batchSize());
    require("group", settings.group(), then.group());
    Ledger ledger = Ledger.restored(settings, prompts, old.state());
    DurableLedger resumed = new DurableLedger(settings, ledger, journal, checkpoint);
    resumed.served.putAll(served.tailMap(checkpoint, true));
    resumed.digests.putAll(digests);
    resumed.begin(true);
    resumed.record(new Resume(firstBatchId));
    return Optional.of(resumed);
  }

  private static void require(String key, int now, int then) {
    if (now != then) {
      throw InvalidInputException.of(
          "plaudit.experience." + key, now, then + ", as in the run's journal");
    }
  }

  /**
   * {@link Ledger#apply}, recorded. Beyond that, a batch from the last checkpoint on is served
   * again, and a policy version that was published before with other weights is answered by {@link
   * Remade}.
   */
  public LedgerOutcome apply(LedgerInput input) {
    if (input instanceof Published published) {
      return published(published);
    }
    if (input instanceof Take take) {
      Batch again = served.get(take.version());
      if (again != null) {
        return again;
      }
      if (take.version() > ledger.version()) {
        record(new Published(Model.POLICY, take.version(), ""));
      }
    }
    LedgerOutcome outcome = record(input);
    if (outcome instanceof Batch batch) {
      served.put(batch.version(), batch);
    }
    return outcome;
  }

  private LedgerOutcome published(Published published) {
    if (published.equals(newest.put(published.model(), published))) {
      return Silent.UNCHANGED;
    }
    LedgerOutcome outcome = record(published);
    if (published.model() == Model.POLICY) {
      String before = digests.put(published.version(), published.sha256());
      if (before != null && !before.equals(published.sha256())) {
        return new Remade(before);
      }
    }
    return outcome;
  }

  private LedgerOutcome record(LedgerInput input) {
    LedgerOutcome outcome = ledger.apply(input);
    if (outcome != Silent.UNCHANGED) {
      journal.append(Entry.of(input, outcome));
    }
    return outcome;
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

  /** To be read only. */
  public Ledger ledger() {
    return ledger;
  }

  /** How many batches are kept to be served again, the newest included. */
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
}
