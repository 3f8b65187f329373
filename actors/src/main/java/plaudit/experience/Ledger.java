package plaudit.experience;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import plaudit.experience.ExperienceProtocol.Batch;
import plaudit.experience.ExperienceProtocol.Grant;
import plaudit.experience.ExperienceProtocol.OfferReply;
import plaudit.experience.ExperienceProtocol.Pace;
import plaudit.experience.Works.Work;

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
 * <p><b>Drop.</b> "Nothing thrown away", seldom: a trajectory more than K versions old is dropped,
 * here and at delivery, and its place in the room is free again. Dropping favours short responses,
 * so the count of the dropped is a meter to watch; since the oldest are served first, a backlog
 * does not age into it needlessly.
 *
 * <p><b>Wait.</b> "Full speed". At any time there is a {@link Timetable}: if all that is lent came
 * back now, written with the version it was lent to or a newer one, then it and all that waits
 * would be served at an age of K at most. Two rules keep it so:
 *
 * <ul>
 *   <li>A batch is served only if what remains, lent work included, has a timetable from the next
 *       version on. Else the learner waits until older work is back.
 *   <li>Work is lent only if it has a place in the timetable. For a sampler with the newest version
 *       it always has: admission lets at most eta + 1 batches be out, and eta is at most K.
 * </ul>
 *
 * So a delivery in time is never refused, and nothing that waits is dropped. <i>The wait ends:</i>
 * after a full batch of version v at most eta batches are out; work lent to version v itself
 * therefore has a place at an age of eta at most and is not in the way. What is in the way was lent
 * to older versions, and no lease lasts longer than the lease time. Recalled work leaves the
 * timetable; whoever gets it next writes it with a newer version. Its late delivery counts only if
 * it has a place, otherwise it is {@linkplain OfferReply.Stale stale} and the prompts are dealt
 * again. So the learner waits for old work no longer than one lease time after the last sampler has
 * loaded its version.
 *
 * <p>One thing is beyond these rules: a version made from a batch of an earlier ledger (below)
 * overtakes what this one holds. What has no place any more is recalled, or dropped if it is
 * written already.
 *
 * <p><b>Leases.</b> Work whose lease ran out or whose holder is gone is <i>overdue</i>: its room
 * stays taken, and the next sampler gets the same prompts under a new batch id. Until then the old
 * id may still deliver; afterwards it is superseded. Either way one delivery counts and no prompt
 * is lost.
 *
 * <p><b>Groups.</b> With k responses to each prompt everything is counted in trajectories, but
 * dealt, accepted, dropped and served prompt by prompt: a delivery without all k responses counts
 * as none. The k are decoded together, so a version that takes over in flight does so at the same
 * token of each: those that are long enough have the same versions at the same places ({@link
 * TokenVersions#goesWith}), and all begin with the same one. Responses that do not fit together so
 * are of two decodings and no group. Since the oldest version is the first, a group has one age and
 * one prompt, and the order of serving keeps it together.
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

  private static final Comparator<Trajectory> OLDEST_FIRST =
      comparingLong((Trajectory t) -> t.rollout().policyVersion())
          .thenComparing(comparingLong(t -> t.rollout().promptId()))
          .thenComparing(comparingInt(t -> t.rollout().index()));

  private final ExperienceSettings settings;
  private final Decks decks;

  private final Works works = new Works();
  private final TreeSet<Trajectory> waiting = new TreeSet<>(OLDEST_FIRST);

  private long version;
  private boolean rewardKnown;
  private Pace pace = Pace.NONE_YET;
  private @Nullable Batch last;
  private final Map<Purpose, Long> positions = new EnumMap<>(Purpose.class);
  private final Map<Purpose, Long> asked = new EnumMap<>(Purpose.class);
  private long nextBatchId;

  /** Accepted and not dropped: the admission rule's count. */
  private long admitted;

  /** Served, so at most {@code admitted}. */
  private long served;

  private long accepted;
  private long taken;
  private long dropped;
  private long superseded;

  /** The ledger of a run that begins at {@code settings.start()}, numbering batches from 0. */
  public Ledger(ExperienceSettings settings, Decks decks) {
    this(settings, decks, 0);
  }

  /**
   * The same with other batch ids. A ledger that follows one that died must use none of its ids:
   * deliveries of the old batches may still come.
   */
  public Ledger(ExperienceSettings settings, Decks decks, long firstBatchId) {
    Start start = settings.start();
    this.settings = settings;
    this.decks = decks;
    this.nextBatchId = firstBatchId;
    this.version = start.version();
    this.admitted = start.version() * settings.batchSize();
    this.served = admitted;
    this.accepted = admitted;
    this.taken = admitted;
    positions.put(Purpose.POLICY, admitted / settings.group());
    positions.put(Purpose.QUESTION, start.questionsDealt());
    positions.put(Purpose.VALIDATION, start.validationsDealt());
    asked.put(Purpose.QUESTION, start.questions());
    asked.put(Purpose.VALIDATION, start.validations());
  }

  /**
   * A ledger that goes on from {@code state}.
   *
   * @param settings may differ from those of the ledger before, but for the sizes of batch and
   *     group, in which everything is counted
   */
  public static Ledger restored(ExperienceSettings settings, Decks decks, LedgerState state) {
    return new Ledger(settings, decks, state);
  }

  private Ledger(ExperienceSettings settings, Decks decks, LedgerState state) {
    this.settings = settings;
    this.decks = decks;
    this.version = state.version();
    this.rewardKnown = state.rewardKnown();
    this.pace = state.pace();
    positions.putAll(state.positions());
    asked.putAll(state.asked());
    this.nextBatchId = state.nextBatchId();
    this.admitted = state.admitted();
    this.served = state.served();
    this.accepted = state.accepted();
    this.taken = state.taken();
    this.dropped = state.dropped();
    this.superseded = state.superseded();
    works.restore(state.lent(), state.overdue());
    waiting.addAll(state.waiting());
    this.last = state.last().orElse(null);
  }

  /** All that it knows. */
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
        works.lent(),
        works.overdue(),
        List.copyOf(waiting),
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
    if (waits()) {
      giveUpWhatWasOvertaken();
    }
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
    long unseen = version * settings.batchSize() - served;
    if (unseen > 0) {
      correctServed(unseen);
      accepted += unseen;
      taken += unseen;
      positions.merge(Purpose.POLICY, admitted / settings.group(), Math::max);
      if (waits()) {
        giveUpWhatWasOvertaken();
      }
    }
    dropStale();
  }

  private void dropStale() {
    while (!waiting.isEmpty() && isStale(waiting.first())) {
      waiting.pollFirst();
      dropped++;
      admitted--;
    }
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
      superseded++;
      return new OfferReply.Superseded(batchId);
    }
    Map<Long, Map<Integer, Trajectory>> byPrompt = new HashMap<>();
    for (Trajectory answer : trajectories) {
      byPrompt
          .computeIfAbsent(answer.rollout().promptId(), id -> new TreeMap<>())
          .putIfAbsent(answer.rollout().index(), answer);
    }
    List<Prompt> missing = new ArrayList<>();
    List<Trajectory> answers = new ArrayList<>();
    for (Prompt prompt : work.prompts()) {
      var group = byPrompt.getOrDefault(prompt.id(), Map.of()).values();
      if (isWhole(group)) {
        answers.addAll(group);
      } else {
        missing.add(prompt);
      }
    }
    if (waits() && !hasPlaces(answers.stream().mapToLong(Ledger::version))) {
      works.dealAgain(nextBatchId++, work);
      return new OfferReply.Stale(batchId, version);
    }
    List<Trajectory> fresh = answers.stream().filter(t -> !isStale(t)).toList();
    if (!missing.isEmpty()) {
      works.dealAgain(nextBatchId++, Work.of(Purpose.POLICY, missing));
    }
    waiting.addAll(fresh);
    admitted += fresh.size();
    accepted += fresh.size();
    dropped += answers.size() - fresh.size();
    return fresh.isEmpty() && !answers.isEmpty()
        ? new OfferReply.Stale(batchId, version)
        : new OfferReply.Accepted(batchId);
  }

  /** Whether these are all responses to a prompt, and can come of one decoding. */
  private boolean isWhole(Collection<Trajectory> group) {
    List<TokenVersions> versions = group.stream().map(t -> t.rollout().versions()).toList();
    return versions.size() == settings.group()
        && versions.stream().allMatch(versions.get(0)::goesWith);
  }

  /** A batch of questions reached the label store as so many comparisons. */
  public OfferReply asked(long batchId, int comparisons) {
    Work work = works.close(batchId, true);
    if (work == null) {
      superseded++;
      return new OfferReply.Superseded(batchId);
    }
    asked.merge(work.purpose(), (long) comparisons, Long::sum);
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
    correctServed(version * settings.batchSize() - served);
    if (waiting.size() < size || (waits() && !mayServe(size))) {
      return Optional.empty();
    }
    List<Trajectory> batch = new ArrayList<>(size);
    while (batch.size() < size) {
      batch.add(waiting.pollFirst());
    }
    served += size;
    taken += size;
    last = new Batch(current, batch);
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
    long begun = admitted + (long) settings.group() * works.running(Purpose.POLICY);
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
    return waiting.size();
  }

  /** Trajectories of policy work on lease. */
  public int lent() {
    return works.lent(Purpose.POLICY) * settings.group();
  }

  /** Whether a full batch waits and is not served, since older work is out. */
  public boolean isHeldBack() {
    return waits()
        && last == null
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

  /** Everybody who holds work. */
  public Set<String> holders() {
    return works.holders();
  }

  private void correctServed(long by) {
    served += by;
    admitted += by;
  }

  private long wanted(Purpose purpose) {
    long target = purpose == Purpose.QUESTION ? pace.questions() : pace.validations();
    return Math.max(0, target - asked.getOrDefault(purpose, 0L));
  }

  private Optional<Work> nextQuestions(Purpose purpose) {
    long wanted = wanted(purpose) - works.lent(purpose);
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
    int written = size * settings.group();
    if (size == 0
        || (waits() && !hasPlaces(LongStream.generate(() -> loadedVersion).limit(written)))) {
      return Optional.empty();
    }
    return works.takeOverdue(Purpose.POLICY).or(() -> Optional.of(deal(Purpose.POLICY, size)));
  }

  private Work deal(Purpose purpose, int size) {
    long position = positions.getOrDefault(purpose, 0L);
    positions.put(purpose, position + size);
    return Work.of(
        purpose,
        LongStream.range(position, position + size).mapToObj(decks.of(purpose)::at).toList());
  }

  private Grant grant(Work work, String holder, long loadedVersion, Instant now) {
    long id = nextBatchId++;
    Instant until = now.plus(settings.leaseTime());
    works.lend(id, work, holder, loadedVersion, until);
    int responses = work.purpose().isForPeople() ? settings.questionResponses() : settings.group();
    return new Grant(id, work.purpose(), work.prompts(), responses, until);
  }

  private boolean waits() {
    return settings.onStale() == OnStale.WAIT;
  }

  /** Whether there is a timetable for these beside all that waits or is lent. */
  private boolean hasPlaces(LongStream more) {
    long next = last == null ? version : version + 1;
    return hasTimetable(next, LongStream.concat(versions(0), more));
  }

  /** Whether there is one for what remains after the oldest {@code size}. */
  private boolean mayServe(int size) {
    return hasTimetable(version + 1, versions(size));
  }

  private boolean hasTimetable(long next, LongStream versions) {
    return new Timetable(settings, next).enterAll(versions);
  }

  /** Of all trajectories that wait or are lent, but for the oldest {@code served} that wait. */
  private LongStream versions(int served) {
    LongStream left = waiting.stream().skip(served).mapToLong(Ledger::version);
    return LongStream.concat(left, works.lentVersions(settings.group()));
  }

  private static long version(Trajectory trajectory) {
    return trajectory.rollout().policyVersion();
  }

  /** Batches of an earlier ledger took places in the timetable. */
  private void giveUpWhatWasOvertaken() {
    Timetable timetable = new Timetable(settings, version);
    Deque<Map.Entry<Long, Work>> lent = new ArrayDeque<>(works.lentOldestFirst().toList());
    for (Trajectory t : List.copyOf(waiting)) {
      while (!lent.isEmpty() && lent.peek().getValue().version() < version(t)) {
        enterOrRecall(timetable, lent.poll());
      }
      if (!timetable.enter(version(t), 1)) {
        waiting.remove(t);
        dropped++;
        admitted--;
      }
    }
    lent.forEach(work -> enterOrRecall(timetable, work));
  }

  private void enterOrRecall(Timetable timetable, Map.Entry<Long, Work> lent) {
    Work work = lent.getValue();
    if (!timetable.enter(work.version(), work.prompts().size() * settings.group())) {
      works.recall(lent.getKey());
    }
  }

  private boolean isStale(Trajectory trajectory) {
    return version - version(trajectory) > settings.maxStaleness();
  }
}
