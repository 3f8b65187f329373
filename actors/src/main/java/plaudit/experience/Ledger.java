package plaudit.experience;

import static java.util.Comparator.comparingInt;
import static java.util.Comparator.comparingLong;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
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
import plaudit.lease.Leases;

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
 * for each, nothing thrown away, and full speed can be had together only if the bound is longer
 * than the longest rollout in learner steps. We give up "nothing thrown away", seldom: a trajectory
 * whose oldest token is more than K versions old is dropped, here and at delivery, and its place in
 * the room is free again. Dropping favours short responses, so the count of the dropped is a meter
 * to watch; since the oldest are served first, a backlog does not age into it needlessly.
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
 * <p><b>Starting anew.</b> A ledger that starts after its node died takes the batches behind the
 * newest version for consumed. What was waiting or running in the one before is forgotten: its
 * prompts are dealt again or passed over.
 */
public final class Ledger {

  private static final Comparator<Trajectory> OLDEST_FIRST =
      comparingLong((Trajectory t) -> t.rollout().policyVersion())
          .thenComparing(comparingLong(t -> t.rollout().promptId()))
          .thenComparing(comparingInt(t -> t.rollout().index()));

  private final ExperienceSettings settings;
  private final Decks decks;

  private final Leases<Long> leases = new Leases<>();
  private final Works lent = new Works();
  private final Works overdue = new Works();
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
    asked.put(Purpose.QUESTION, start.questions());
    asked.put(Purpose.VALIDATION, start.validations());
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
    }
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
        .map(work -> grant(work, holder, now));
  }

  /** A scorer delivers policy work. */
  public OfferReply offer(long batchId, List<Trajectory> trajectories) {
    Work work = close(batchId, false);
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
    List<Trajectory> fresh = answers.stream().filter(t -> !isStale(t)).toList();
    if (!missing.isEmpty()) {
      overdue.put(nextBatchId++, new Work(Purpose.POLICY, List.copyOf(missing)));
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
    Work work = close(batchId, true);
    if (work == null) {
      superseded++;
      return new OfferReply.Superseded(batchId);
    }
    asked.merge(work.purpose(), (long) comparisons, Long::sum);
    return new OfferReply.Accepted(batchId);
  }

  /**
   * Serves {@code size} trajectories for the update of {@code current}, oldest first, when so many
   * fresh ones wait; the same ones as before, if they have been served for it already. Nothing for
   * an update that is over.
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
    if (waiting.size() < size) {
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
    return recall(leases.expire(now));
  }

  /** {@code holder} is gone: its batches, to be dealt again. */
  public List<Long> release(String holder) {
    return recall(leases.release(holder));
  }

  /** When {@link #expire} will next find something. */
  public Optional<Instant> nextExpiry() {
    return leases.nextExpiry();
  }

  /** How many more trajectories may be begun now. */
  public long room() {
    long begun = admitted + running();
    long byVersion = (settings.eta() + version + 1) * settings.batchSize() - begun;
    long byEpisodes = settings.episodes() == 0 ? byVersion : settings.episodes() - begun;
    return Math.max(0, Math.min(Math.min(byVersion, byEpisodes), pace.episodes() - begun));
  }

  /** The newest policy version it knows. */
  public long version() {
    return version;
  }

  /** Trajectories that wait for the learner. */
  public int waiting() {
    return waiting.size();
  }

  /** Trajectories of policy work on lease. */
  public int lent() {
    return lent.prompts(Purpose.POLICY) * settings.group();
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
    return leases.holders();
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
    long wanted = wanted(purpose) - lent.prompts(purpose);
    if (wanted <= 0) {
      return Optional.empty();
    }
    return overdue(purpose)
        .or(() -> Optional.of(deal(purpose, (int) Math.min(wanted, settings.questionPrompts()))));
  }

  private Optional<Work> nextPolicyWork(long loadedVersion) {
    // A newer version than the newest here is one whose learner died before its checkpoint, or one
    // that will be heard of in a moment.
    if (!rewardKnown || loadedVersion < version - settings.eta() || loadedVersion > version) {
      return Optional.empty();
    }
    return overdue(Purpose.POLICY)
        .or(
            () -> {
              int atOnce = Math.max(1, settings.grantPrompts() / settings.group());
              int size = (int) Math.min(room() / settings.group(), atOnce);
              return size == 0 ? Optional.empty() : Optional.of(deal(Purpose.POLICY, size));
            });
  }

  private Work deal(Purpose purpose, int size) {
    long position = positions.getOrDefault(purpose, 0L);
    positions.put(purpose, position + size);
    return new Work(
        purpose,
        LongStream.range(position, position + size).mapToObj(decks.of(purpose)::at).toList());
  }

  private Optional<Work> overdue(Purpose purpose) {
    return overdue.first(purpose).map(overdue::remove);
  }

  private Grant grant(Work work, String holder, Instant now) {
    long id = nextBatchId++;
    Instant until = now.plus(settings.leaseTime());
    leases.grant(id, holder, until);
    lent.put(id, work);
    int responses = work.purpose().isForPeople() ? settings.questionResponses() : settings.group();
    return new Grant(id, work.purpose(), work.prompts(), responses, until);
  }

  private @Nullable Work close(long batchId, boolean forPeople) {
    for (Works works : List.of(lent, overdue)) {
      Work work = works.get(batchId);
      if (work != null && work.purpose().isForPeople() == forPeople) {
        leases.complete(batchId);
        works.remove(batchId);
        return work;
      }
    }
    return null;
  }

  private List<Long> recall(List<Long> batchIds) {
    for (Long id : batchIds) {
      Work work = lent.remove(id);
      if (work != null) {
        overdue.put(id, work);
      }
    }
    return batchIds;
  }

  private int running() {
    return lent() + overdue.prompts(Purpose.POLICY) * settings.group();
  }

  private boolean isStale(Trajectory trajectory) {
    return version - trajectory.rollout().policyVersion() > settings.maxStaleness();
  }
}
