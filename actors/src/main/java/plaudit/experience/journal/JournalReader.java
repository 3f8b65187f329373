package plaudit.experience.journal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import plaudit.experience.Batch;
import plaudit.experience.LedgerInput;
import plaudit.experience.Trajectory;
import plaudit.experience.journal.JournalFiles.Place;
import plaudit.snapshots.Model;
import plaudit.tokens.TokenVersions;

/**
 * Reads the journal of a run, running or not, and changes nothing: what each policy version was
 * learned from, and the weights it had. It has no ledger, so it needs neither prompts nor settings.
 */
public final class JournalReader {

  /** Where a run keeps its journal, in its directory. */
  public static final String DIRECTORY = "journal";

  private final TreeMap<Long, List<Long>> prompts = new TreeMap<>();
  private final TreeMap<Long, List<String>> digests = new TreeMap<>();
  private final TreeMap<Long, List<String>> rewards = new TreeMap<>();
  private final Map<Model, Map<Long, Integer>> uses = new EnumMap<>(Model.class);
  private boolean whole;
  private int segments;
  private int resumes;

  /**
   * How a policy version was made.
   *
   * @param version the version made; it was learned from the batch of the one before
   * @param promptIds of its trajectories, as they were served; a prompt with k responses k times
   * @param digests SHA-256 of its weights as published, once for each time it was made; empty if it
   *     was never published
   */
  public record Learned(long version, List<Long> promptIds, List<String> digests) {
    public Learned {
      promptIds = List.copyOf(promptIds);
      digests = List.copyOf(digests);
    }
  }

  private JournalReader() {}

  /**
   * Reads what is there.
   *
   * @param run the run's directory
   * @throws JournalException.Damaged if a segment cannot be read; an unfinished end is skipped
   */
  public static JournalReader of(Path run) {
    JournalReader reader = new JournalReader();
    List<Place> places = JournalFiles.places(run.resolve(DIRECTORY));
    for (int i = 0; i < places.size(); i++) {
      JournalFiles.read(places.get(i).file(), i == places.size() - 1, reader::head, reader::entry);
    }
    return reader;
  }

  /** In the order of the versions made, as far back as the journal goes. */
  public List<Learned> learned() {
    List<Learned> learned = new ArrayList<>();
    prompts.forEach(
        (version, ids) ->
            learned.add(
                new Learned(version + 1, ids, digests.getOrDefault(version + 1, List.of()))));
    return learned;
  }

  /** SHA-256 of the policy versions as published, as {@link Learned#digests}; with version 0. */
  public SortedMap<Long, List<String>> policies() {
    return Collections.unmodifiableSortedMap(digests);
  }

  /** How many deliveries hold a token or a score of each version of {@code model}. */
  public Map<Long, Integer> uses(Model model) {
    return Map.copyOf(uses.getOrDefault(model, Map.of()));
  }

  /** SHA-256 of the reward versions as published, as {@link Learned#digests}. */
  public SortedMap<Long, List<String>> rewards() {
    return Collections.unmodifiableSortedMap(rewards);
  }

  /** Whether the journal begins where the run began, and the run was never resumed without it. */
  public boolean whole() {
    return whole;
  }

  /** How many segments there are. */
  public int segments() {
    return segments;
  }

  /** How often the run was resumed, as far back as the journal goes. */
  public int resumes() {
    return resumes;
  }

  private void head(Head head) {
    segments++;
    if (!head.continues()) {
      // The run was resumed from the checkpoint without its journal: later versions are made anew.
      prompts.tailMap(head.checkpoint(), true).clear();
      digests.tailMap(head.checkpoint(), false).clear();
      whole = segments == 1 && head.checkpoint() == 0;
    }
    for (Batch batch : head.served()) {
      prompts.put(
          batch.version(), batch.trajectories().stream().map(t -> t.rollout().promptId()).toList());
    }
  }

  private void entry(Entry entry) {
    LedgerInput input = entry.input();
    if (input instanceof LedgerInput.Take take) {
      prompts.put(take.version(), entry.served().stream().map(Entry.Key::promptId).toList());
    } else if (input instanceof LedgerInput.Published published && !published.sha256().isEmpty()) {
      (published.model() == Model.POLICY ? digests : rewards)
          .computeIfAbsent(published.version(), version -> new ArrayList<>())
          .add(published.sha256());
    } else if (input instanceof LedgerInput.Offer offer) {
      offer.trajectories().stream()
          .flatMap(t -> t.rollout().versions().runs().stream())
          .map(TokenVersions.Run::version)
          .distinct()
          .forEach(version -> used(Model.POLICY, version));
      offer.trajectories().stream()
          .map(Trajectory::rewardVersion)
          .distinct()
          .forEach(version -> used(Model.REWARD, version));
    } else if (input instanceof LedgerInput.Resume) {
      resumes++;
    }
  }

  private void used(Model model, long version) {
    uses.computeIfAbsent(model, any -> new HashMap<>()).merge(version, 1, Integer::sum);
  }
}
