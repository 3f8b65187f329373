package plaudit.experience;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import plaudit.lease.Leases;

/**
 * The work that is out: lent to somebody, or overdue, that is, recalled and to be dealt again. Each
 * piece has an id under which it may be delivered; overdue work too, until somebody else gets it.
 */
final class OutstandingWork {

  /**
   * A piece of work.
   *
   * @param version of whoever has it: what he writes is no older
   */
  record Work(Purpose purpose, List<Prompt> prompts, long version) {
    Work {
      prompts = List.copyOf(prompts);
    }

    /** What nobody has yet. */
    static Work of(Purpose purpose, List<Prompt> prompts) {
      return new Work(purpose, prompts, 0);
    }
  }

  private final Leases<Long> leases = new Leases<>();
  private final Pieces lent = new Pieces();
  private final Pieces overdue = new Pieces();

  /** Goes on from where others were. */
  void restore(List<LedgerState.Lent> held, List<LedgerState.Work> again) {
    for (LedgerState.Lent one : held) {
      leases.grant(one.work().batchId(), one.holder(), one.until());
      lent.put(one.work().batchId(), work(one.work()));
    }
    again.forEach(one -> overdue.put(one.batchId(), work(one)));
  }

  private static Work work(LedgerState.Work one) {
    return new Work(one.purpose(), one.prompts(), one.version());
  }

  /** What is on lease, in the order of lending. */
  List<LedgerState.Lent> lent() {
    List<LedgerState.Lent> held = new ArrayList<>();
    lent.forEach(
        (id, work) ->
            leases
                .of(id)
                .ifPresent(
                    lease ->
                        held.add(
                            new LedgerState.Lent(state(id, work), lease.holder(), lease.until()))));
    return held;
  }

  /** What is to be dealt again, in this order. */
  List<LedgerState.Work> overdue() {
    List<LedgerState.Work> again = new ArrayList<>();
    overdue.forEach((id, work) -> again.add(state(id, work)));
    return again;
  }

  private static LedgerState.Work state(Long id, Work work) {
    return new LedgerState.Work(id, work.purpose(), work.prompts(), work.version());
  }

  /** {@code holder}, who has {@code version}, gets a piece of work. */
  void lend(long id, Work work, String holder, long version, Instant until) {
    leases.grant(id, holder, until);
    lent.put(id, new Work(work.purpose(), work.prompts(), version));
  }

  /** Nobody has it: it is dealt again, before anything new. */
  void dealAgain(long id, Work work) {
    overdue.put(id, work);
  }

  /** Takes what is delivered; null if it is not out under this id, or for somebody else. */
  @Nullable Work close(long id, boolean forPeople) {
    for (Pieces pieces : List.of(lent, overdue)) {
      Work work = pieces.get(id);
      if (work != null && work.purpose().isForPeople() == forPeople) {
        leases.complete(id);
        pieces.remove(id);
        return work;
      }
    }
    return null;
  }

  /** Leases that have run out at {@code now}. */
  List<Long> expire(Instant now) {
    return recalled(leases.expire(now));
  }

  /** Leases of somebody who is gone. */
  List<Long> release(String holder) {
    return recalled(leases.release(holder));
  }

  /** Ends one lease. */
  void recall(long id) {
    leases.complete(id);
    recalled(List.of(id));
  }

  private List<Long> recalled(List<Long> ids) {
    for (Long id : ids) {
      Work work = lent.remove(id);
      if (work != null) {
        overdue.put(id, work);
      }
    }
    return ids;
  }

  /** The piece to be dealt again first, where it is. */
  Optional<Work> firstOverdue(Purpose purpose) {
    return overdue.first(purpose).map(overdue::get);
  }

  /** Takes that piece; its id is no more. */
  Optional<Work> takeOverdue(Purpose purpose) {
    return overdue.first(purpose).map(overdue::remove);
  }

  /** Policy work on lease, by id, to whoever has the oldest version first. */
  Stream<Map.Entry<Long, Work>> lentOldestFirst() {
    return lent.all().entrySet().stream()
        .filter(e -> e.getValue().purpose() == Purpose.POLICY)
        .sorted(Map.Entry.comparingByValue((a, b) -> Long.compare(a.version(), b.version())));
  }

  /**
   * The version of each response of policy work on lease.
   *
   * @param group responses to a prompt
   */
  LongStream lentVersions(int group) {
    return lent.all().values().stream()
        .filter(work -> work.purpose() == Purpose.POLICY)
        .flatMapToLong(
            work -> LongStream.generate(work::version).limit((long) group * work.prompts().size()));
  }

  /** Prompts on lease. */
  int lent(Purpose purpose) {
    return lent.prompts(purpose);
  }

  /** Prompts on lease or overdue. */
  int running(Purpose purpose) {
    return lent.prompts(purpose) + overdue.prompts(purpose);
  }

  /** When {@link #expire} will next find something. */
  Optional<Instant> nextExpiry() {
    return leases.nextExpiry();
  }

  /** Everybody who holds work. */
  Set<String> holders() {
    return leases.holders();
  }
}
