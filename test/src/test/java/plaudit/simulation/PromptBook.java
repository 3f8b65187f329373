package plaudit.simulation;

import static plaudit.simulation.Broken.unless;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Grant;
import plaudit.experience.Ledger;
import plaudit.experience.OfferReply;
import plaudit.experience.OnStale;
import plaudit.experience.Pace;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Trajectory;

/**
 * A second opinion on one life of the ledger: where each prompt is, told by what the ledger
 * answered, never by what it thinks. Every prompt of policy work is in one place: running, waiting,
 * served or dropped. A ledger that loses one, or counts one twice, has another room than this book.
 * What is running is in {@link OpenWork}.
 */
final class PromptBook {

  private static final String PLACE = "every prompt is in one place";
  private static final String HOLDER = "work has one holder";
  private static final String ADMISSION = "admission";
  private static final String DROPS = "who waits drops nothing";

  private final World world;
  private final ExperienceSettings settings;

  private final OpenWork work = new OpenWork();

  /** The responses to each prompt that are delivered and not served, all of one version. */
  private final Map<Long, List<Trajectory>> waiting = new LinkedHashMap<>();

  /** Served or dropped. */
  private final Set<Long> gone = new HashSet<>();

  /** The batch of each version. */
  private final Map<Long, Batch> served = new HashMap<>();

  /** The newest prompt that was dealt. */
  private final Map<Purpose, Long> newest = new EnumMap<>(Purpose.class);

  private Pace pace;

  /** Prompts of policy work that are out. */
  private long policyRunning;

  private long consumed;
  private long version;
  private long dropped;
  private boolean overtaken;
  private final boolean compares;
  private final boolean waits;

  PromptBook(World world, ExperienceSettings settings) {
    this.world = world;
    this.settings = settings;
    this.compares = !world.has(Defect.NOBODY_COMPARES);
    this.waits = world.scenario().experience().onStale() == OnStale.WAIT;
    this.pace = Pace.NONE_YET;
    this.version = settings.start().version();
    this.consumed = version * settings.batchSize();
  }

  /** A ledger goes on where the journal of its predecessor ends; nobody holds work any more. */
  void resumed() {
    work.recalled();
  }

  void pace(Pace wanted) {
    pace = wanted;
  }

  void lent(Grant grant, long loadedVersion, Ledger ledger) {
    long id = grant.batchId();
    learn(ledger.version());
    unless(world.laws().isNewBatch(id), HOLDER, "batch %d is lent twice", id);
    boolean fresh = false;
    for (Prompt prompt : grant.prompts()) {
      unless(
          !gone.contains(prompt.id()) && !waiting.containsKey(prompt.id()),
          PLACE,
          "prompt %d is lent again after it was delivered",
          prompt.id());
      if (work.lend(prompt.id(), id)) {
        dealt(grant.purpose(), prompt.id());
        fresh = true;
        policyRunning += grant.purpose() == Purpose.POLICY ? 1 : 0;
      }
    }
    work.hold(grant, loadedVersion);
    if (fresh && grant.purpose() == Purpose.POLICY) {
      unless(begun() <= admitted(), ADMISSION, "%d begun, %d allowed", begun(), admitted());
      world.laws().begun(begun());
    }
  }

  /** With a journal a deck is dealt in its order, whatever dies meanwhile; nothing is left out. */
  private void dealt(Purpose purpose, long prompt) {
    Long before = newest.put(purpose, prompt);
    unless(
        !world.scenario().journaled() || before == null || prompt == before + 1,
        "no prompt is passed over",
        "%d was dealt after %d",
        prompt,
        before);
  }

  void delivered(long batchId, List<Trajectory> answers, OfferReply reply, long at) {
    learn(at);
    Grant grant = closed(batchId, reply, false);
    if (grant == null) {
      return;
    }
    if (waits && reply instanceof OfferReply.Stale) {
      unless(!isInTime(answers), DROPS, "batch %d is refused", batchId);
      world.tally().add("delivery to be written again");
      return;
    }
    Set<Long> open = new HashSet<>();
    grant.prompts().forEach(prompt -> open.add(prompt.id()));
    byPrompt(answers)
        .forEach(
            (prompt, group) -> {
              if (open.remove(prompt)) {
                work.answered(prompt);
                policyRunning--;
                waiting.put(prompt, group);
              }
            });
    dropStale();
  }

  private static Map<Long, List<Trajectory>> byPrompt(List<Trajectory> trajectories) {
    Map<Long, List<Trajectory>> byPrompt = new LinkedHashMap<>();
    for (Trajectory t : trajectories) {
      byPrompt.computeIfAbsent(t.rollout().promptId(), id -> new ArrayList<>()).add(t);
    }
    return byPrompt;
  }

  void asked(long batchId, int comparisons, OfferReply reply) {
    Grant grant = closed(batchId, reply, true);
    if (grant != null) {
      grant.prompts().forEach(prompt -> work.answered(prompt.id()));
      grant.prompts().forEach(prompt -> gone.add(prompt.id()));
      world.questions().counted(grant, comparisons);
    }
  }

  /** The work that a delivery closed; null if it is not for this book or came too late. */
  private @Nullable Grant closed(long batchId, OfferReply reply, boolean forPeople) {
    Grant grant = work.get(batchId);
    boolean known = grant != null && grant.purpose().isForPeople() == forPeople;
    boolean taken = !(reply instanceof OfferReply.Superseded);
    unless(taken == known, PLACE, "batch %d: %s (open: %s)", batchId, reply, known);
    if (!known) {
      return null;
    }
    work.close(batchId);
    return grant;
  }

  void recalled(List<Long> batchIds) {
    work.recalled(batchIds);
  }

  void served(Batch batch, long at) {
    learn(at);
    Batch before = served.get(batch.version());
    if (before != null) {
      unless(before.equals(batch), "one batch a version", "another for %d", batch.version());
      world.tally().add("batch served again");
      return;
    }
    unless(
        batch.trajectories().size() == settings.batchSize(),
        "one batch a version",
        "%d trajectories",
        batch.trajectories().size());
    byPrompt(batch.trajectories())
        .forEach(
            (prompt, group) -> {
              boolean waited = group.equals(waiting.remove(prompt));
              unless(waited || !compares, PLACE, "prompt %d is served, not waiting", prompt);
              gone.add(prompt);
            });
    consumed += batch.trajectories().size();
    served.put(batch.version(), batch);
  }

  /** After each event. */
  void check(Ledger ledger, Instant now) {
    learn(ledger.version());
    if (waits) {
      unless(dropped == 0 || overtaken, DROPS, "%d are dropped", dropped);
      unless(isInTime(List.of()), DROPS, "not all that is out can be served in time");
    }
    agree("waiting", (long) settings.group() * waiting.size(), ledger.waiting());
    agree("dropped", dropped, ledger.dropped());
    work.check(now);
    agree("lent", settings.group() * work.policyPrompts(), ledger.lent());
    agree("room", Math.max(0, limit() - begun()), ledger.room());
    agree("questions wanted", world.questions().wanted(pace), ledger.questionsWanted());
    world.questions().check(work.all());
  }

  private void agree(String what, long book, long ledger) {
    unless(book == ledger || !compares, PLACE, "%s: %d (expected: %d)", what, ledger, book);
  }

  /** The ledger knows of a newer version: its batches are consumed, and some wait too long now. */
  private void learn(long newer) {
    if (newer != version) {
      unless(newer > version, "versions grow", "the ledger went back to %d", newer);
      version = newer;
      boolean byAnother = consumed < version * settings.batchSize();
      consumed = Math.max(consumed, version * settings.batchSize());
      if (byAnother && waits) {
        overtaken = true;
        giveUpWhatComesTooLate();
      }
      dropStale();
    }
  }

  private void dropStale() {
    for (Iterator<Map.Entry<Long, List<Trajectory>>> i = waiting.entrySet().iterator();
        i.hasNext(); ) {
      Map.Entry<Long, List<Trajectory>> group = i.next();
      if (isStale(group.getValue().get(0))) {
        i.remove();
        drop(group.getKey());
      }
    }
  }

  private void drop(long prompt) {
    gone.add(prompt);
    dropped += settings.group();
    world.tally().add("trajectory dropped", settings.group());
  }

  /**
   * Whether nothing that is out, {@code more} included, need be older than K when it is served: not
   * more of it must be served by any version than batches are left until then.
   */
  private boolean isInTime(List<Trajectory> more) {
    TreeMap<Long, Long> out = new TreeMap<>();
    waiting.values().forEach(g -> out.merge(version(g), (long) g.size(), Long::sum));
    more.forEach(t -> out.merge(version(List.of(t)), 1L, Long::sum));
    work.policyLeases().forEach(id -> out.merge(work.version(id), trajectories(id), Long::sum));
    long sum = 0;
    for (Map.Entry<Long, Long> e : out.entrySet()) {
      sum += e.getValue();
      if (sum > room(e.getKey())) {
        return false;
      }
    }
    return true;
  }

  /** How many can be served before something of {@code written} becomes too old. */
  private long room(long written) {
    long batches =
        written + settings.maxStaleness() + (served.containsKey(version) ? 0 : 1) - version;
    return Math.max(0, batches * settings.batchSize());
  }

  /** Older ones first, and what is written before what is not. */
  private void giveUpWhatComesTooLate() {
    TreeSet<Long> versions = new TreeSet<>();
    waiting.values().forEach(group -> versions.add(version(group)));
    work.policyLeases().forEach(id -> versions.add(work.version(id)));
    long kept = 0;
    for (long written : versions) {
      for (long prompt : new TreeSet<>(waiting.keySet())) {
        List<Trajectory> group = waiting.getOrDefault(prompt, List.of());
        if (version(group) == written && kept + group.size() > room(written)) {
          waiting.remove(prompt);
          drop(prompt);
        } else if (version(group) == written) {
          kept += group.size();
        }
      }
      for (long id : work.policyLeases()) {
        if (work.version(id) == written && kept + trajectories(id) > room(written)) {
          work.recalled(List.of(id));
        } else if (work.version(id) == written) {
          kept += trajectories(id);
        }
      }
    }
  }

  private static long version(List<Trajectory> group) {
    return group.get(0).rollout().policyVersion();
  }

  private long trajectories(long batchId) {
    return settings.group() * work.prompts(batchId);
  }

  private long begun() {
    return consumed + settings.group() * (waiting.size() + policyRunning);
  }

  /** How many episodes may be begun, eta versions ahead of the learner. */
  private long admitted() {
    long byVersion = (settings.eta() + version + 1) * settings.batchSize();
    return settings.episodes() == 0 ? byVersion : Math.min(byVersion, settings.episodes());
  }

  private long limit() {
    return Math.min(admitted(), pace.episodes());
  }

  private boolean isStale(Trajectory trajectory) {
    return version - trajectory.rollout().policyVersion() > settings.maxStaleness();
  }
}
