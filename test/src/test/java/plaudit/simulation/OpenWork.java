package plaudit.simulation;

import static plaudit.simulation.Broken.unless;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;
import plaudit.experience.Purpose;

/**
 * A {@link PromptBook}'s page of work that is not delivered: which prompts are out, in which batch,
 * and which batches have a holder. A prompt is with one holder at a time, and a lease that ran out
 * is taken back.
 */
final class OpenWork {

  private static final String HOLDER = "work has one holder";
  private static final long GRACE_MILLIS = 50;

  /** By batch id. */
  private final Map<Long, Grant> works = new LinkedHashMap<>();

  /** Batch ids with a holder. */
  private final Set<Long> leased = new HashSet<>();

  /** What the holder of each batch had loaded. */
  private final Map<Long, Long> loaded = new HashMap<>();

  /** The batch of each prompt that is out. */
  private final Map<Long, Long> running = new HashMap<>();

  /**
   * A prompt goes out with a batch, perhaps not for the first time.
   *
   * @return whether it was not out before
   */
  boolean lend(long prompt, long batchId) {
    Long before = running.put(prompt, batchId);
    if (before == null) {
      return true;
    }
    unless(
        !leased.contains(before),
        HOLDER,
        "prompt %d is lent as batch %d while batch %d has it",
        prompt,
        batchId,
        before);
    works.remove(before);
    return false;
  }

  /** The batch, all of its prompts lent, has a holder. */
  void hold(Grant grant, long loadedVersion) {
    works.put(grant.batchId(), grant);
    leased.add(grant.batchId());
    loaded.put(grant.batchId(), loadedVersion);
  }

  /** The open batch of this id. */
  @Nullable Grant get(long batchId) {
    return works.get(batchId);
  }

  /** The batch is delivered; its prompts are out until they are {@link #answered}. */
  void close(long batchId) {
    leased.remove(batchId);
    works.remove(batchId);
  }

  void answered(long prompt) {
    running.remove(prompt);
  }

  /** These have no holder any more. */
  void recalled(Collection<Long> batchIds) {
    leased.removeAll(Set.copyOf(batchIds));
  }

  /** Nobody holds anything any more. */
  void recalled() {
    leased.clear();
  }

  /** Batches of policy work with a holder, the oldest first. */
  Set<Long> policyLeases() {
    Set<Long> ids = new TreeSet<>();
    for (Long id : leased) {
      Grant grant = works.get(id);
      if (grant != null && grant.purpose() == Purpose.POLICY) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** How many prompts a batch has. */
  long prompts(long batchId) {
    return Objects.requireNonNull(works.get(batchId)).prompts().size();
  }

  /** What the holder of a batch had loaded. */
  long version(long batchId) {
    return Objects.requireNonNull(loaded.get(batchId));
  }

  /** Prompts of policy work with a holder. */
  long policyPrompts() {
    return policyLeases().stream().mapToLong(this::prompts).sum();
  }

  /** Every open batch. */
  Collection<Grant> all() {
    return works.values();
  }

  /** After each event. */
  void check(Instant now) {
    for (Long id : leased) {
      Grant grant = works.get(id);
      unless(
          grant == null || now.isBefore(grant.leaseUntil().plusMillis(GRACE_MILLIS)),
          HOLDER,
          "the lease of batch %d ran out and nobody took it back",
          id);
    }
  }
}
