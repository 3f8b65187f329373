package plaudit.experience;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.LedgerState.Lent;
import plaudit.experience.LedgerState.Work;
import plaudit.lease.Leases;

/**
 * Work that has been lent and not delivered. It is either on lease, or <i>overdue</i>: its lease
 * has ended and its prompts are to be lent again. Overdue work can be delivered under its id until
 * then. Not thread-safe.
 */
final class OutstandingWork {

  private final Leases<Long> leases = new Leases<>();
  private final Pieces lent = new Pieces();
  private final Pieces overdue = new Pieces();

  /** The work of {@code state}. */
  OutstandingWork(LedgerState state) {
    for (Lent one : state.lent()) {
      lend(one.work(), one.holder(), one.until());
    }
    state.overdue().forEach(overdue::put);
  }

  /** What is on lease, in the order of lending. */
  List<Lent> lent() {
    return lent.all().stream()
        .flatMap(
            work ->
                leases
                    .of(work.batchId())
                    .map(lease -> new Lent(work, lease.holder(), lease.until()))
                    .stream())
        .toList();
  }

  /** What is to be lent again, in this order. */
  List<Work> overdue() {
    return List.copyOf(overdue.all());
  }

  /** Lends {@code work} to {@code holder}. */
  void lend(Work work, String holder, Instant until) {
    leases.grant(work.batchId(), holder, until);
    lent.put(work);
  }

  /** Adds work that is not on lease and is lent before any new prompt. */
  void addOverdue(Work work) {
    overdue.put(work);
  }

  /**
   * Removes work that is delivered; null if none is outstanding under this id, or work of the other
   * kind.
   */
  @Nullable Work close(long id, boolean forPeople) {
    for (Pieces pieces : List.of(lent, overdue)) {
      Work work = pieces.get(id);
      if (work != null && work.purpose().isForPeople() == forPeople) {
        leases.complete(id);
        return pieces.remove(id);
      }
    }
    return null;
  }

  /** Makes work overdue whose lease is over at {@code now}; its ids. */
  List<Long> expire(Instant now) {
    return recalled(leases.expire(now));
  }

  /** Makes the work of {@code holder} overdue; its ids. */
  List<Long> release(String holder) {
    return recalled(leases.release(holder));
  }

  /** Makes one piece of work overdue. */
  void recall(long id) {
    leases.complete(id);
    recalled(List.of(id));
  }

  private List<Long> recalled(List<Long> ids) {
    for (Long id : ids) {
      Work work = lent.remove(id);
      if (work != null) {
        overdue.put(work);
      }
    }
    return ids;
  }

  /** The overdue work of {@code purpose} that is lent next; it stays where it is. */
  Optional<Work> nextOverdue(Purpose purpose) {
    return overdue.first(purpose);
  }

  /** Removes the overdue work of {@code purpose} that is lent next. */
  Optional<Work> takeOverdue(Purpose purpose) {
    Optional<Work> first = overdue.first(purpose);
    first.ifPresent(work -> overdue.remove(work.batchId()));
    return first;
  }

  /** Policy work on lease, that of the oldest version first. */
  List<Work> lentOldestFirst() {
    return lentForPolicy().sorted(Comparator.comparingLong(Work::version)).toList();
  }

  /**
   * The version of each response of policy work on lease.
   *
   * @param group responses to a prompt
   */
  LongStream lentVersions(int group) {
    return lentForPolicy()
        .flatMapToLong(
            work -> LongStream.generate(work::version).limit((long) group * work.prompts().size()));
  }

  private Stream<Work> lentForPolicy() {
    return lent.all().stream().filter(work -> work.purpose() == Purpose.POLICY);
  }

  /** Prompts on lease. */
  int lent(Purpose purpose) {
    return lent.prompts(purpose);
  }

  /** Prompts on lease or overdue. */
  int outstanding(Purpose purpose) {
    return lent.prompts(purpose) + overdue.prompts(purpose);
  }

  /** When {@link #expire} next ends a lease. */
  Optional<Instant> nextExpiry() {
    return leases.nextExpiry();
  }

  /** All that hold a lease. */
  Set<String> holders() {
    return leases.holders();
  }

  /**
   * Pieces of work in the order they were put, with a running count of their prompts: the count is
   * read after each message, and with many samplers there are many pieces.
   */
  static final class Pieces {

    private final Map<Long, Work> works = new LinkedHashMap<>();
    private final Map<Purpose, Integer> prompts = new EnumMap<>(Purpose.class);

    void put(Work work) {
      remove(work.batchId());
      works.put(work.batchId(), work);
      prompts.merge(work.purpose(), work.prompts().size(), Integer::sum);
    }

    @Nullable Work get(long batchId) {
      return works.get(batchId);
    }

    @Nullable Work remove(long batchId) {
      Work removed = works.remove(batchId);
      if (removed != null) {
        prompts.merge(removed.purpose(), -removed.prompts().size(), Integer::sum);
      }
      return removed;
    }

    /** How many prompts the pieces of {@code purpose} have. */
    int prompts(Purpose purpose) {
      return prompts.getOrDefault(purpose, 0);
    }

    /** The piece of {@code purpose} that was put first. */
    Optional<Work> first(Purpose purpose) {
      if (prompts(purpose) == 0) {
        return Optional.empty();
      }
      return works.values().stream().filter(work -> work.purpose() == purpose).findFirst();
    }

    /** All of them, in order. */
    Collection<Work> all() {
      return Collections.unmodifiableCollection(works.values());
    }
  }
}
