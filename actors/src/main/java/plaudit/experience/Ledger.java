package plaudit.experience;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.OutstandingWork.Work;

/**
 * The rules of the experience buffer: how much work may be out, what happens to work that does not
 * come back, and what is fresh enough to learn from. Knows no actor, clock or thread.
 *
 * <p><b>Admission.</b> Samplers that run free would write with ever older weights. So a prompt is
 * lent only while there is room:
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
 * <p><b>What it does not bound.</b> It bounds how far the samplers run ahead, hence the staleness
 * of the average trajectory; a single slow one may arrive any number of versions late. A hard bound
 * K for each, nothing thrown away, and full speed can be had together only if the bound is longer
 * than the longest rollout in learner steps. {@link OnStale} says which of them is given up. The
 * age of a trajectory is that of its oldest token.
 *
 * <p><b>Drop</b> gives up "nothing thrown away", seldom: a trajectory more than K versions old is
 * dropped, here and at delivery, and its place in the room is free again. Dropping favours short
 * responses, so the count of the dropped is a meter to watch; since the oldest are served first, a
 * backlog does not age into it needlessly. <b>Wait</b> gives up "full speed": see {@link
 * StalenessBound}.
 *
 * <p><b>Leases.</b> Work whose lease ran out or whose holder is gone is <i>overdue</i>: its room
 * stays taken, and the next sampler gets the same prompts under a new batch id. Until then the old
 * id may still deliver; afterwards it is superseded. Either way one delivery counts and no prompt
 * is lost.
 *
 * <p><b>Groups.</b> With several responses to a prompt all or none of them count: see {@link
 * Groups}. A group has one age and one prompt, and the order of serving keeps it together.
 *
 * <p><b>A batch the learner lost.</b> A batch is kept until the version made from it is known. A
 * learner that asks again for the same version, since the batch or the question got lost or since
 * it died before it published, gets the very same batch: asking twice is harmless, no trajectory is
 * wasted, and what is learned from does not depend on the fault. A question about a version that is
 * over is not answered.
 *
 * <p><b>Starting anew.</b> What a ledger knows depends on what it was told and in which order, on
 * nothing else. So one that starts after its node died goes on from the {@link LedgerState} which a
 * journal kept ({@link plaudit.experience.journal.DurableLedger}). Without one it takes the batches
 * behind the newest version for consumed; what was waiting or running in the one before is
 * forgotten, and its prompts are dealt again or passed over.
 */
public final class Ledger {

  private final ExperienceSettings settings;
  private final OutstandingWork works = new OutstandingWork();
  private final Backlog backlog = new Backlog();
  private final StalenessBound places;
  private final PromptCursor dealer;
  private final TrajectoryCounts counts;

  private long version;
  private boolean rewardKnown;
  private Pace pace = Pace.NONE_YET;
  private @Nullable Batch last;
  private long nextBatchId;

  /** The ledger of a run that begins at {@code settings.start()}, numbering batches from 0. */
  public Ledger(ExperienceSettings settings, PromptStreams decks) {
    this(settings, decks, 0);
  }

  /**
   * The same with other batch ids. A ledger that follows one that died must use none of its ids:
   * deliveries of the old batches may still come.
   */
  public Ledger(ExperienceSettings settings, PromptStreams decks, long firstBatchId) {
    Start start = settings.start();
    long learned = start.version() * settings.batchSize();
    this.settings = settings;
    this.places = new StalenessBound(settings, works, backlog);
    this.dealer = new PromptCursor(decks, start, learned / settings.group());
    this.counts = new TrajectoryCounts(learned);
    this.nextBatchId = firstBatchId;
    this.version = start.version();
  }

  /**
   * A ledger that goes on from {@code state}.
   *
   * @param settings may differ from those of the ledger before, but for the sizes of batch and
   *     group, in which everything is counted
   */
  public static Ledger restored(
      ExperienceSettings settings, PromptStreams decks, LedgerState state) {
    return new Ledger(settings, decks, state);
  }

  private Ledger(ExperienceSettings settings, PromptStreams decks, LedgerState state) {
    this.settings = settings;
    this.places = new StalenessBound(settings, works, backlog);
    this.dealer = new PromptCursor(decks, state);
    this.counts = new TrajectoryCounts(state);
    this.nextBatchId = state.nextBatchId();
    this.version = state.version();
    this.rewardKnown = state.rewardKnown();
    this.pace = state.pace();
    works.restore(state.lent(), state.overdue());
    backlog.addAll(state.waiting());
    this.last = state.last().orElse(null);
  }

  /** All that it knows. */
  public LedgerState state() {
    return new LedgerState(
        version,
        rewardKnown,
        pace,
        dealer.positions(),
        dealer.asked(),
        nextBatchId,
        counts.admitted(),
        counts.served(),
        counts.accepted(),
        counts.taken(),
        counts.dropped(),
        counts.superseded(),
        works.lent(),
        works.overdue(),
        backlog.all(),
        Optional.ofNullable(last));
  }

  /**
   * A new life begins: whoever held work is taken for dead, and what they held is overdue, so that
   * somebody who is not may still deliver. New work gets ids from {@code firstBatchId} on. What the
   * bound does not allow any more, should it be a tighter one now, is dropped.
   */
  public void resumed(long firstBatchId) {
    nextBatchId = Math.max(nextBatchId, firstBatchId);
    works.holders().forEach(works::release);
    counts.droppedWaiting(places.giveUpOvertaken(version));
    dropStale();
  }

  /**
   * A policy version is out: there is more room, and what it makes too old is dropped. Who made
   * version v has consumed v batches, whether they came from this ledger or from one before it.
   */
  public void policyPublished(long published) {
    version = Math.max(version, published);
    if (last != null && last.version() < version) {
      last = null;
    }
    long unseen = version * settings.batchSize() - counts.served();
    if (unseen > 0) {
      counts.learnedElsewhere(unseen);
      dealer.passOver(counts.admitted() / settings.group());
      counts.droppedWaiting(places.giveUpOvertaken(version));
    }
    dropStale();
  }

  private void dropStale() {
    counts.droppedWaiting(backlog.removeOlderThan(oldestAllowed()));
  }

  private long oldestAllowed() {
    return version - settings.maxStaleness();
  }

  /** There is a reward model: policy work makes sense from now on. */
  public void rewardPublished() {
    rewardKnown = true;
  }

  /** How labels and policy work keep pace from now on. */
  public void keepPace(Pace wanted) {
    pace = wanted;
  }

  /**
   * Lends work to {@code holder}, if there is any for a sampler with {@code loadedVersion}: what
   * people wait for first, since they are slower than machines.
   */
  public Optional<Grant> lend(String holder, long loadedVersion, Instant now) {
    return nextQuestions(Purpose.QUESTION)
        .or(() -> loadedVersion > 0 ? nextQuestions(Purpose.VALIDATION) : Optional.empty())
        .or(() -> nextPolicyWork(loadedVersion))
        .map(work -> grant(work, holder, loadedVersion, now));
  }

  /** A scorer delivers policy work. */
  public OfferReply offer(long batchId, List<Trajectory> trajectories) {
    Work work = works.close(batchId, false);
    if (work == null) {
      counts.supersede();
      return new OfferReply.Superseded(batchId);
    }
    DeliveredGroups groups = DeliveredGroups.of(work.prompts(), trajectories, settings.group());
    List<Trajectory> answers = groups.answers();
    if (!places.has(nextServed(), answers.stream().mapToLong(Backlog::version))) {
      works.dealAgain(nextBatchId++, work);
      return new OfferReply.Stale(batchId, version);
    }
    if (!groups.missing().isEmpty()) {
      works.dealAgain(nextBatchId++, Work.of(Purpose.POLICY, groups.missing()));
    }
    List<Trajectory> fresh =
        answers.stream().filter(t -> Backlog.version(t) >= oldestAllowed()).toList();
    backlog.addAll(fresh);
    counts.delivered(fresh.size(), answers.size() - fresh.size());
    return fresh.isEmpty() && !answers.isEmpty()
        ? new OfferReply.Stale(batchId, version)
        : new OfferReply.Accepted(batchId);
  }

  /** A batch of questions reached the label store as so many comparisons. */
  public OfferReply asked(long batchId, int comparisons) {
    Work work = works.close(batchId, true);
    if (work == null) {
      counts.supersede();
      return new OfferReply.Superseded(batchId);
    }
    dealer.asked(work.purpose(), comparisons);
    return new OfferReply.Accepted(batchId);
  }

  /**
   * Serves {@code size} trajectories for the update of {@code current}, oldest first, when so many
   * fresh ones wait and no older work is in the way ({@link OnStale#WAIT}); the same ones as
   * before, if they have been served for it already. Nothing for an update that is over.
   */
  public Optional<Batch> take(long current, int size) {
    policyPublished(current);
    if (current < version) {
      return Optional.empty();
    }
    if (last != null) {
      return Optional.of(last);
    }
    counts.correctServed(version * settings.batchSize() - counts.served());
    if (backlog.size() < size || !places.mayServe(version, size)) {
      return Optional.empty();
    }
    counts.serve(size);
    last = new Batch(current, backlog.takeOldest(size));
    return Optional.of(last);
  }

  /** Leases that have run out at {@code now}: their batches, to be dealt again. */
  public List<Long> expire(Instant now) {
    return works.expire(now);
  }

  /** {@code holder} is gone: its batches, to be dealt again. */
  public List<Long> release(String holder) {
    return works.release(holder);
  }

  /** When {@link #expire} will next find something. */
  public Optional<Instant> nextExpiry() {
    return works.nextExpiry();
  }

  /** How many more trajectories may be begun now. */
  public long room() {
    long begun = counts.admitted() + (long) settings.group() * works.running(Purpose.POLICY);
    long byVersion = (settings.eta() + version + 1) * settings.batchSize() - begun;
    long byEpisodes = settings.episodes() == 0 ? byVersion : settings.episodes() - begun;
    return Math.max(0, Math.min(Math.min(byVersion, byEpisodes), pace.episodes() - begun));
  }

  /** The newest policy version it knows. */
  public long version() {
    return version;
  }

  /** How labels and policy work keep pace. */
  public Pace pace() {
    return pace;
  }

  /** Trajectories that wait for the learner. */
  public int waiting() {
    return backlog.size();
  }

  /** Trajectories of policy work on lease. */
  public int lent() {
    return works.lent(Purpose.POLICY) * settings.group();
  }

  /** Whether a full batch waits and is not served, since older work is out. */
  public boolean isHeldBack() {
    return last == null
        && backlog.size() >= settings.batchSize()
        && !places.mayServe(version, settings.batchSize());
  }

  /** Trajectories accepted since the start of the run. */
  public long accepted() {
    return counts.accepted();
  }

  /** Trajectories served since the start of the run. */
  public long taken() {
    return counts.taken();
  }

  /** Trajectories dropped for staleness, at delivery or later. */
  public long dropped() {
    return counts.dropped();
  }

  /** Deliveries that came twice or too late to count. */
  public long superseded() {
    return counts.superseded();
  }

  /** Comparisons still to be asked, those on lease included. */
  public int questionsWanted() {
    return (int) (dealer.wanted(Purpose.QUESTION, pace) + dealer.wanted(Purpose.VALIDATION, pace));
  }

  /** Everybody who holds work. */
  public Set<String> holders() {
    return works.holders();
  }

  private Optional<Work> nextQuestions(Purpose purpose) {
    long wanted = dealer.wanted(purpose, pace) - works.lent(purpose);
    if (wanted <= 0) {
      return Optional.empty();
    }
    return works
        .takeOverdue(purpose)
        .or(() -> Optional.of(deal(purpose, (int) Math.min(wanted, settings.questionPrompts()))));
  }

  private Optional<Work> nextPolicyWork(long loadedVersion) {
    // A newer version than the newest here is one whose learner died before its checkpoint, or one
    // that will be heard of in a moment.
    if (!rewardKnown || loadedVersion < version - settings.eta() || loadedVersion > version) {
      return Optional.empty();
    }
    int atOnce = Math.max(1, settings.grantPrompts() / settings.group());
    int size =
        works
            .firstOverdue(Purpose.POLICY)
            .map(old -> old.prompts().size())
            .orElseGet(() -> (int) Math.min(room() / settings.group(), atOnce));
    LongStream written =
        LongStream.generate(() -> loadedVersion).limit((long) size * settings.group());
    if (size == 0 || !places.has(nextServed(), written)) {
      return Optional.empty();
    }
    return works.takeOverdue(Purpose.POLICY).or(() -> Optional.of(deal(Purpose.POLICY, size)));
  }

  /** The version whose batch is served next. */
  private long nextServed() {
    return last == null ? version : version + 1;
  }

  private Work deal(Purpose purpose, int size) {
    return Work.of(purpose, dealer.deal(purpose, size));
  }

  private Grant grant(Work work, String holder, long loadedVersion, Instant now) {
    long id = nextBatchId++;
    Instant until = now.plus(settings.leaseTime());
    works.lend(id, work, holder, loadedVersion, until);
    int responses = work.purpose().isForPeople() ? settings.questionResponses() : settings.group();
    return new Grant(id, work.purpose(), work.prompts(), responses, until);
  }
}
