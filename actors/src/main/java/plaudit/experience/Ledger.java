package plaudit.experience;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;

import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.LedgerOutcome.Recalled;
import plaudit.experience.LedgerOutcome.Silent;
import plaudit.experience.LedgerState.Work;
import plaudit.snapshots.Model;

/**
 * The rules of the experience buffer: how much work may be on lease, what happens to work that is
 * not delivered, and what is fresh enough to learn from. Everything that changes it comes in by
 * {@link #apply}; it knows no actor, clock or thread.
 *
 * <p><b>Admission.</b> Samplers that run freely would sample with ever older weights. So a prompt
 * is lent only while there is room:
 *
 * <pre>  room = (eta + version + 1) * batch - (accepted + running)</pre>
 *
 * At version {@code v} the learner has consumed {@code v} batches and works towards the next one,
 * so {@code (v + 1) * batch} trajectories are needed now; eta says how many batches beyond that may
 * be begun. This is the rule AReaL states for the index of a rollout, <i>floor((n - 1) / batch) <=
 * version + eta</i>, solved for how many more may start. With eta = 0 nothing of the next batch is
 * begun before this one is learned: synchronous, and one run is like another.
 *
 * <p>Nor may a prompt be lent beyond the episode up to which the labels suffice ({@link Pace}): the
 * policy waits for people, not people for the policy.
 *
 * <p><b>Staleness.</b> Admission bounds how far the samplers run ahead, hence the staleness of the
 * average trajectory; a single slow one may arrive any number of versions late. A hard bound K for
 * each, nothing dropped, and full speed can be had together only if the bound is longer than the
 * longest rollout in learner steps. {@link OnStale} says which of them is given up. The age of a
 * trajectory is that of its oldest token.
 *
 * <p><b>Drop</b> gives up "nothing dropped", rarely: a trajectory more than K versions old is
 * dropped, at delivery or while it waits, and its place in the room is free again. Dropping favours
 * short responses, so the count of the dropped is a meter to watch; since the oldest are served
 * first, a backlog does not age into it needlessly. <b>Wait</b> gives up "full speed": see {@link
 * StalenessBound}.
 *
 * <p><b>Leases.</b> Work whose lease ran out or whose holder is gone is <i>overdue</i>: it still
 * counts as running, and the next sampler gets the same prompts under a new batch id. Until then it
 * may still be delivered under the old id; afterwards that id is superseded. Either way one
 * delivery counts and no prompt is lost.
 *
 * <p><b>Groups.</b> With k responses to each prompt everything is counted in trajectories, but
 * lent, accepted, dropped and served prompt by prompt: see {@link Delivery}. A group has one age
 * and one prompt, and the order of serving keeps it together.
 *
 * <p><b>A batch that was lost on its way to the learner.</b> A batch is kept until the version made
 * from it is known. A learner that asks again for the same version, since the batch or the question
 * got lost or since it died before it published, gets the very same batch: asking twice is
 * harmless, no trajectory is wasted, and what is learned from does not depend on the fault. A
 * question about an earlier version is not answered.
 *
 * <p><b>Starting again.</b> The state depends on the inputs and their order, on nothing else. So
 * the ledger of a process that was started again continues from the {@link LedgerState} that a
 * journal kept ({@link plaudit.experience.journal.DurableLedger}). Without one it takes the batches
 * behind the newest version for consumed; what was waiting or on lease is forgotten, and its
 * prompts are lent again or skipped.
 */
public final class Ledger {

  /** Responses to one prompt begin with the same version, so this order keeps a group together. */
  private static final Comparator<Trajectory> OLDEST_FIRST =
      comparingLong((Trajectory t) -> t.rollout().policyVersion())
          .thenComparing(comparingLong(t -> t.rollout().promptId()))
          .thenComparing(comparingInt(t -> t.rollout().index()));

  private final ExperienceSettings settings;
  private final PromptStreams prompts;
  private final OutstandingWork work;
  private final TreeSet<Trajectory> waiting = new TreeSet<>(OLDEST_FIRST);
  private final StalenessBound bound;

  // LedgerState says what each of these is.
  private final Map<Purpose, Long> positions = new EnumMap<>(Purpose.class);
  private final Map<Purpose, Long> asked = new EnumMap<>(Purpose.class);
  private long version;
  private boolean rewardKnown;
  private Pace pace;
  private @Nullable Batch last;
  private long nextBatchId;
  private long admitted;
  private long served;
  private long accepted;
  private long taken;
  private long dropped;
  private long superseded;

  /** The ledger of a run that begins at {@code settings.start()}, numbering batches from 0. */
  public Ledger(ExperienceSettings settings, PromptStreams prompts) {
    this(settings, prompts, 0);
  }

  /**
   * The same with other batch ids. A ledger that follows one whose process died must use none of
   * its ids: deliveries of the old batches may still arrive.
   */
  public Ledger(ExperienceSettings settings, PromptStreams prompts, long firstBatchId) {
    this(settings, prompts, LedgerState.fresh(settings, firstBatchId));
  }

  /**
   * A ledger that continues from {@code state}.
   *
   * @param settings may differ from those of the ledger before, but for the sizes of batch and
   *     group, in which everything is counted
   */
  public static Ledger restored(
      ExperienceSettings settings, PromptStreams prompts, LedgerState state) {
    return new Ledger(settings, prompts, state);
  }

  private Ledger(ExperienceSettings settings, PromptStreams prompts, LedgerState state) {
    this.settings = settings;
    this.prompts = prompts;
    this.work = new OutstandingWork(state);
    this.bound = new StalenessBound(settings, work, waiting);
    waiting.addAll(state.waiting());
    positions.putAll(state.positions());
    asked.putAll(state.asked());
    version = state.version();
    rewardKnown = state.rewardKnown();
    pace = state.pace();
    last = state.last().orElse(null);
    nextBatchId = state.nextBatchId();
    admitted = state.admitted();
    served = state.served();
    accepted = state.accepted();
    taken = state.taken();
    dropped = state.dropped();
    superseded = state.superseded();
  }

  /** The whole state. */
  public LedgerState state() {
    return new LedgerState(
        version,
        rewardKnown,
        pace,
        positions,
        asked,
        nextBatchId,
        admitted,
        served,
        accepted,
        taken,
        dropped,
        superseded,
        work.lent(),
        work.overdue(),
        List.copyOf(waiting),
        Optional.ofNullable(last));
  }

  /** Changes the ledger as its rules say; {@link LedgerInput} says what each input is answered. */
  public LedgerOutcome apply(LedgerInput input) {
    if (input instanceof LedgerInput.Lend lend) {
      return orUnchanged(lend(lend.holder(), lend.loadedVersion(), lend.now()));
    } else if (input instanceof LedgerInput.Offer offer) {
      return offer(offer.batchId(), offer.trajectories());
    } else if (input instanceof LedgerInput.Asked questions) {
      return asked(questions.batchId(), questions.comparisons());
    } else if (input instanceof LedgerInput.Take take) {
      return orUnchanged(take(take.version(), take.size()));
    } else if (input instanceof LedgerInput.Expire expire) {
      return recalled(work.expire(expire.now()));
    } else if (input instanceof LedgerInput.Release release) {
      return recalled(work.release(release.holder()));
    } else if (input instanceof LedgerInput.KeepPace keep && keep.pace().equals(pace)) {
      return Silent.UNCHANGED;
    } else if (input instanceof LedgerInput.KeepPace keep) {
      pace = keep.pace();
      rewardKnown |= pace.equals(Pace.FREE);
    } else if (input instanceof LedgerInput.Published published) {
      if (published.model() == Model.POLICY) {
        policyPublished(published.version());
      } else {
        rewardKnown = true;
      }
    } else if (input instanceof LedgerInput.Resume resume) {
      resumed(resume.firstBatchId());
    }
    return Silent.CHANGED;
  }

  private static LedgerOutcome orUnchanged(Optional<? extends LedgerOutcome> answer) {
    return answer.isPresent() ? answer.get() : Silent.UNCHANGED;
  }

  private static LedgerOutcome recalled(List<Long> batchIds) {
    return batchIds.isEmpty() ? Silent.UNCHANGED : new Recalled(batchIds);
  }

  /**
   * The process was started again: all holders are taken for dead, and their work is overdue, so
   * that one that is alive may still deliver. New work gets ids from {@code firstBatchId} on. What
   * the bound does not allow any more, should it be a tighter one now, is dropped.
   */
  void resumed(long firstBatchId) {
    nextBatchId = Math.max(nextBatchId, firstBatchId);
    work.holders().forEach(work::release);
    dropWaiting(bound.removeInfeasible(version));
    dropStale();
  }

  /**
   * A policy version was published: there is more room, and what it makes too old is dropped. The
   * learner that made version v has consumed v batches, whether they came from this ledger or from
   * one before it.
   */
  void policyPublished(long published) {
    version = Math.max(version, published);
    if (last != null && last.version() < version) {
      last = null;
    }
    long unseen = version * settings.batchSize() - served;
    if (unseen > 0) {
      served += unseen;
      admitted += unseen;
      accepted += unseen;
      taken += unseen;
      positions.merge(Purpose.POLICY, admitted / settings.group(), Math::max);
      dropWaiting(bound.removeInfeasible(version));
    }
    dropStale();
  }

  private void dropStale() {
    int before = waiting.size();
    while (!waiting.isEmpty() && isStale(waiting.first())) {
      waiting.pollFirst();
    }
    dropWaiting(before - waiting.size());
  }

  private boolean isStale(Trajectory trajectory) {
    return trajectory.rollout().policyVersion() < version - settings.maxStaleness();
  }

  /** So many that had been accepted are dropped: their place in the room is free again. */
  private void dropWaiting(int number) {
    dropped += number;
    admitted -= number;
  }

  /**
   * Lends work to {@code holder}, if there is any for a sampler with {@code loadedVersion}:
   * questions to people first, since people are slower than machines.
   */
  Optional<Grant> lend(String holder, long loadedVersion, Instant now) {
    for (Purpose purpose : List.of(Purpose.QUESTION, Purpose.VALIDATION, Purpose.POLICY)) {
      List<Prompt> next =
          switch (purpose) {
            case QUESTION -> nextQuestions(purpose);
            case VALIDATION -> loadedVersion > 0 ? nextQuestions(purpose) : List.of();
            case POLICY -> nextPolicyWork(loadedVersion);
          };
      if (!next.isEmpty()) {
        Work lent = new Work(nextBatchId++, purpose, next, loadedVersion);
        Instant until = now.plus(settings.leaseTime());
        work.lend(lent, holder, until);
        int responses = purpose.isForPeople() ? settings.questionResponses() : settings.group();
        return Optional.of(new Grant(lent.batchId(), purpose, next, responses, until));
      }
    }
    return Optional.empty();
  }

  private List<Prompt> nextQuestions(Purpose purpose) {
    long wanted = wanted(purpose) - work.lent(purpose);
    return wanted > 0
        ? overdue(purpose, settings.questionPrompts())
            .orElseGet(() -> fresh(purpose, (int) Math.min(wanted, settings.questionPrompts())))
        : List.of();
  }

  private List<Prompt> nextPolicyWork(long loadedVersion) {
    // A version newer than the newest known is one whose learner died before its checkpoint, or
    // one whose publication has not been heard of yet.
    if (!rewardKnown || loadedVersion < version - settings.eta() || loadedVersion > version) {
      return List.of();
    }
    int atOnce = Math.max(1, settings.grantPrompts() / settings.group());
    int size =
        work.nextOverdue(Purpose.POLICY)
            .map(old -> Math.min(old.prompts().size(), atOnce))
            .orElseGet(() -> (int) Math.min(room() / settings.group(), atOnce));
    LongStream written =
        LongStream.generate(() -> loadedVersion).limit((long) size * settings.group());
    return size > 0 && bound.mayJoin(nextServed(), written)
        ? overdue(Purpose.POLICY, atOnce).orElseGet(() -> fresh(Purpose.POLICY, size))
        : List.of();
  }

  /**
   * The prompts of the first overdue work. Of work that was lent when grants were larger it is the
   * first {@code most}; the others stay overdue.
   */
  private Optional<List<Prompt>> overdue(Purpose purpose, int most) {
    Optional<Work> first = work.takeOverdue(purpose);
    first
        .filter(old -> old.prompts().size() > most)
        .ifPresent(
            old -> {
              List<Prompt> rest = old.prompts().subList(most, old.prompts().size());
              work.addOverdue(new Work(nextBatchId++, purpose, rest, old.version()));
            });
    return first.map(old -> old.prompts().stream().limit(most).toList());
  }

  /** The next {@code size} prompts of the stream. */
  private List<Prompt> fresh(Purpose purpose, int size) {
    long end = positions.merge(purpose, (long) size, Long::sum);
    return LongStream.range(end - size, end).mapToObj(prompts.of(purpose)::at).toList();
  }

  /** The version whose batch is served next. */
  private long nextServed() {
    return last == null ? version : version + 1;
  }

  /** Comparisons that the pace wants and that have not been asked, those on lease included. */
  private long wanted(Purpose purpose) {
    long target = purpose == Purpose.QUESTION ? pace.questions() : pace.validations();
    return Math.max(0, target - asked.getOrDefault(purpose, 0L));
  }

  /** A scorer delivers policy work. */
  OfferReply offer(long batchId, List<Trajectory> trajectories) {
    Work closed = work.close(batchId, false);
    if (closed == null) {
      superseded++;
      return new OfferReply.Superseded(batchId);
    }
    Delivery delivery = Delivery.of(closed.prompts(), trajectories, settings.group());
    List<Trajectory> whole = delivery.whole();
    if (!bound.mayJoin(nextServed(), whole.stream().mapToLong(t -> t.rollout().policyVersion()))) {
      work.addOverdue(new Work(nextBatchId++, Purpose.POLICY, closed.prompts(), closed.version()));
      return new OfferReply.Stale(batchId, version);
    }
    if (!delivery.missing().isEmpty()) {
      work.addOverdue(new Work(nextBatchId++, Purpose.POLICY, delivery.missing(), 0));
    }
    List<Trajectory> fresh = whole.stream().filter(t -> !isStale(t)).toList();
    waiting.addAll(fresh);
    admitted += fresh.size();
    accepted += fresh.size();
    dropped += whole.size() - fresh.size();
    return fresh.isEmpty() && !whole.isEmpty()
        ? new OfferReply.Stale(batchId, version)
        : new OfferReply.Accepted(batchId);
  }

  /** The questions of a grant reached the label store as so many comparisons. */
  OfferReply asked(long batchId, int comparisons) {
    Work closed = work.close(batchId, true);
    if (closed == null) {
      superseded++;
      return new OfferReply.Superseded(batchId);
    }
    asked.merge(closed.purpose(), (long) comparisons, Long::sum);
    return new OfferReply.Accepted(batchId);
  }

  /**
   * Serves {@code size} trajectories for the update of {@code current}, oldest first, when so many
   * fresh ones wait and no older work has to be waited for ({@link OnStale#WAIT}); the same ones as
   * before, if they have been served for it already. Nothing for an earlier update.
   */
  Optional<Batch> take(long current, int size) {
    policyPublished(current);
    if (current == version && last == null && waiting.size() >= size && mayServe(size)) {
      // What was served before is what the learner's version says, whatever sizes it took.
      long correction = version * settings.batchSize() - served;
      admitted += correction;
      served += correction + size;
      taken += size;
      List<Trajectory> oldest = waiting.stream().limit(size).toList();
      oldest.forEach(waiting::remove);
      last = new Batch(current, oldest);
    }
    return current == version ? Optional.ofNullable(last) : Optional.empty();
  }

  private boolean mayServe(int size) {
    return bound.mayServe(version, size);
  }

  /** When the next lease runs out. */
  public Optional<Instant> nextExpiry() {
    return work.nextExpiry();
  }

  /** How many more trajectories may be begun now. */
  public long room() {
    long begun = admitted + (long) settings.group() * work.outstanding(Purpose.POLICY);
    long byVersion = (settings.eta() + version + 1) * settings.batchSize() - begun;
    long byEpisodes = settings.episodes() == 0 ? byVersion : settings.episodes() - begun;
    return Math.max(0, Math.min(Math.min(byVersion, byEpisodes), pace.episodes() - begun));
  }

  /** The newest policy version known. */
  public long version() {
    return version;
  }

  /** Trajectories that wait for the learner. */
  public int waiting() {
    return waiting.size();
  }

  /** Trajectories of policy work on lease. */
  public int lent() {
    return work.lent(Purpose.POLICY) * settings.group();
  }

  /** Whether a full batch waits and is not served, since older work has to be waited for. */
  public boolean isHeldBack() {
    return last == null
        && waiting.size() >= settings.batchSize()
        && !mayServe(settings.batchSize());
  }

  /** Trajectories accepted since the start of the run. */
  public long accepted() {
    return accepted;
  }

  /** Trajectories served since the start of the run. */
  public long taken() {
    return taken;
  }

  /** Trajectories dropped for staleness, at delivery or later. */
  public long dropped() {
    return dropped;
  }

  /** Deliveries that came twice or too late to count. */
  public long superseded() {
    return superseded;
  }

  /** Comparisons still to be asked, those on lease included. */
  public int questionsWanted() {
    return (int) (wanted(Purpose.QUESTION) + wanted(Purpose.VALIDATION));
  }

  /** All that hold work. */
  public Set<String> holders() {
    return work.holders();
  }
}
