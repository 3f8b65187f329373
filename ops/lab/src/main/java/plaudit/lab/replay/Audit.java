package plaudit.lab.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plaudit.experience.journal.JournalReader;
import plaudit.experience.journal.JournalReader.Learned;

/**
 * Checks in a run's journal that each prompt was learned from once: no prompt is in the batches of
 * two versions, and no version was made again with other weights.
 *
 * @param whole whether the journal goes back to the run's beginning
 * @param resumes how often the run went on, as far back as the journal goes
 * @param versions policy versions whose batches it has
 * @param rewards reward versions
 * @param prompts learned from
 * @param again policy versions that were made more than once
 * @param faults violations, a sentence each
 */
public record Audit(
    boolean whole,
    int resumes,
    int versions,
    int rewards,
    int prompts,
    int again,
    List<String> faults) {

  public Audit {
    faults = List.copyOf(faults);
  }

  /** Checks {@code journal}. */
  public static Audit of(JournalReader journal) {
    List<String> faults = new ArrayList<>();
    Map<Long, Long> learnedAt = new LinkedHashMap<>();
    int again = 0;
    for (Learned made : journal.learned()) {
      again += made.digests().size() > 1 ? 1 : 0;
      different("policy", made.version(), made.digests(), faults);
      for (long prompt : Set.copyOf(made.promptIds())) {
        Long before = learnedAt.putIfAbsent(prompt, made.version());
        if (before != null) {
          faults.add(
              "prompt %d was learned from for version %d and for version %d"
                  .formatted(prompt, before, made.version()));
        }
      }
    }
    journal.rewards().forEach((version, made) -> different("reward", version, made, faults));
    return new Audit(
        journal.whole(),
        journal.resumes(),
        journal.learned().size(),
        journal.rewards().size(),
        learnedAt.size(),
        again,
        faults);
  }

  private static void different(
      String model, long version, List<String> digests, List<String> faults) {
    Set<String> distinct = new LinkedHashSet<>(digests);
    if (distinct.size() > 1) {
      faults.add("%s version %d was made as %s".formatted(model, version, distinct));
    }
  }
}
