package plaudit.simulation;

import static plaudit.simulation.Broken.unless;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;
import plaudit.labels.Label;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.CollectionMode;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** What must hold of the whole run, whatever goes wrong; {@link PromptBook} holds the ledger's. */
final class Laws {

  private static final String VERSIONS = "versions grow by one";
  private static final String ONCE = "a trajectory is learned from once";
  private static final String STALENESS = "hard staleness bound";
  private static final String PACE = "the policy waits for labels";
  private static final String LABELS = "no label is lost or counted twice";
  private static final String TRAININGS = "one training a step";

  private static final String JOURNAL = "what was written before a resume counts as it was";

  private static final String STOP = "a run that is stopped publishes nothing and begins nothing";
  private static final String HELD = "what was held back is published when the run goes on";
  private static final String KEPT = "no checkpoint of what was not announced";

  private final World world;
  private final boolean journaled;
  private final LabelSchedule schedule;
  private final Map<Model, Snapshot> seen = new EnumMap<>(Model.class);

  /** What each published version was learned from. */
  private final TreeMap<Long, Batch> learned = new TreeMap<>();

  private final Set<Integer> used = new HashSet<>();

  /** The published policies, of the line that counts. */
  private final TreeMap<Long, Snapshot> line = new TreeMap<>();

  /** What each version was when it was first published. */
  private final Map<Long, String> made = new HashMap<>();

  /** Who wrote, by the number of the writing. */
  private final List<Snapshot> writers = new ArrayList<>();

  private final Set<Long> batches = new HashSet<>();

  /** Learners that were told of a stop and not yet that the run goes on. */
  private final Set<SimulatedNode> stopped = new HashSet<>();

  /** What a learner made last while it was stopped. */
  private final Map<SimulatedNode, Snapshot> heldBack = new HashMap<>();

  private final Set<Snapshot> announced = new HashSet<>();
  private final Set<Snapshot> published = new HashSet<>();

  Laws(World world) {
    this.world = world;
    this.journaled = world.scenario().journaled();
    this.schedule = world.scenario().schedule();
  }

  /** After each event. */
  void check() {
    RegistryNode registry = world.registry();
    if (registry.isAlive()) {
      for (Model model : Model.values()) {
        newest(model, registry.lineage().newest(model));
      }
    }
    if (world.buffer().isAlive()) {
      world.buffer().check();
    }
  }

  private void newest(Model model, Optional<Snapshot> newest) {
    Snapshot before = seen.get(model);
    if (newest.isEmpty() || newest.get().equals(before)) {
      unless(newest.isPresent() || before == null, VERSIONS, "%s is forgotten", model);
      return;
    }
    Snapshot now = newest.get();
    long expected = before == null ? 0 : before.version() + 1;
    unless(
        now.version() == expected,
        VERSIONS,
        "%s %d after %s",
        model,
        now.version(),
        String.valueOf(before));
    unless(now.parent() == expected - 1, VERSIONS, "%s %d of another parent", model, expected);
    seen.put(model, now);
    published.add(now);
    if (model == Model.POLICY) {
      published(now);
    } else {
      trained(now.version());
    }
  }

  /** Somebody writes a response; what comes back is a number that tells it from all others. */
  int writing(Snapshot policy) {
    writers.add(policy);
    return writers.size() - 1;
  }

  private void published(Snapshot policy) {
    String before = made.putIfAbsent(policy.version(), policy.sha256());
    unless(
        !journaled || before == null || before.equals(policy.sha256()),
        "a version that is made again is the same",
        "%s was %s",
        policy,
        before);
    line.put(policy.version(), policy);
    if (policy.version() == 0) {
      return;
    }
    Batch batch = world.disk().learnedFrom(policy).orElseThrow();
    for (Trajectory t : batch.trajectories()) {
      boolean unused = used.add(writing(t));
      unless(unused, ONCE, "writing %d for version %d", writing(t), policy.version());
      if (!writers.get(writing(t)).equals(line.get(t.rollout().policyVersion()))) {
        unless(!journaled, JOURNAL, "%s was rolled back", writers.get(writing(t)));
        world.tally().add("response of a policy that was rolled back");
      }
    }
    learned.put(policy.version(), batch);
  }

  private void trained(long version) {
    unless(version < schedule.trainings(), TRAININGS, "version %d", version);
    long needed = schedule.labelsForTraining(Math.toIntExact(version));
    long there = world.shelf().mostPreferences();
    unless(there >= needed, TRAININGS, "version %d of %d labels", version, there);
  }

  /** All processes died: what was learned since the checkpoint never was. */
  void rolledBack() {
    seen.clear();
    seen.putAll(world.disk().published());
    published.addAll(seen.values());
    Snapshot policy = seen.get(Model.POLICY);
    long version = policy == null ? 0 : policy.version();
    line.tailMap(version, false).clear();
    Map<Long, Batch> undone = learned.tailMap(version, false);
    undone.values().forEach(b -> b.trajectories().forEach(t -> used.remove(writing(t))));
    undone.clear();
    if (policy != null && version > 0 && !learned.containsKey(version)) {
      published(policy); // on the disk, but not published before
    }
  }

  /** Each writing is one of a kind; its only token tells which. */
  private static Integer writing(Trajectory trajectory) {
    return trajectory.rollout().response().get(0);
  }

  private long learnedPrompts() {
    return learned.values().stream()
        .flatMap(batch -> batch.trajectories().stream())
        .map(t -> t.rollout().promptId())
        .distinct()
        .count();
  }

  /** A learner hears that a labeler has stopped the run, or that it goes on. */
  void told(SimulatedNode learner, boolean stop) {
    world.tally().add(stop ? "learner held" : "learner goes on");
    if (stop) {
      stopped.add(learner);
    } else {
      stopped.remove(learner);
    }
  }

  /** A learner says that a version is to be published. */
  void announced(Say.Publish publish) {
    Snapshot snapshot = publish.snapshot();
    unless(
        !stopped.contains(publish.from()) || published.contains(snapshot),
        STOP,
        "%s announces %s",
        publish.from(),
        snapshot);
    announced.add(snapshot);
  }

  /** A learner has made a version. */
  void made(SimulatedNode learner, Snapshot snapshot) {
    if (stopped.contains(learner)) {
      heldBack.put(learner, snapshot);
      world.tally().add("version held back");
    }
  }

  /** A checkpoint is on the disk. */
  void checkpointed(Snapshot policy) {
    unless(announced.contains(policy), KEPT, "%s", policy);
  }

  private void begins(SimulatedNode learner) {
    unless(!stopped.contains(learner), STOP, "%s begins", learner);
    Snapshot held = heldBack.remove(learner);
    unless(held == null || published.contains(held), HELD, "%s is not", String.valueOf(held));
  }

  /** The learner goes to work on a batch. */
  void delivered(SimulatedNode learner, Batch batch, long version) {
    begins(learner);
    unless(
        batch.trajectories().size() == world.scenario().experience().batchSize(),
        "one batch a version",
        "%d trajectories",
        batch.trajectories().size());
    for (Trajectory t : batch.trajectories()) {
      long age = version - t.rollout().policyVersion();
      unless(
          age <= world.scenario().experience().maxStaleness(),
          STALENESS,
          "prompt %d is %d versions old",
          t.rollout().promptId(),
          age);
    }
  }

  /** No ledger of this run has named a batch so. */
  boolean isNewBatch(long id) {
    return batches.add(id);
  }

  /**
   * The policy begins its {@code begun}-th episode: l(n) labels must have come before the first
   * episode of its update, of which those for validation cannot come earlier than they are asked.
   */
  void begun(long begun) {
    long batch = schedule.batch();
    long first = Math.min((begun - 1) / batch * batch, schedule.episodes() - batch);
    double share = (double) first / schedule.episodes();
    int labels = schedule.total() - schedule.first();
    long needed = schedule.first() + Math.round(labels * (1 - (1 - share) * (1 - share)));
    double validations = schedule.validationShare() * labels;
    needed =
        Math.min(
            needed, schedule.total() - Math.round(validations) + Math.round(validations * share));
    long there = world.shelf().mostPreferences();
    if (schedule.collection() == CollectionMode.CONTINUOUS) {
      unless(there >= needed, PACE, "episode %d with %d of %d labels", begun, there, needed);
    }
    Snapshot reward = world.disk().published().get(Model.REWARD);
    long trainings = reward == null ? 0 : reward.version() + 1;
    unless(trainings > 0, PACE, "episode %d without a reward model", begun);
    if (schedule.waitForTraining() || schedule.collection() == CollectionMode.BATCHED) {
      long due = 1 + schedule.retrainingEpisodes().stream().filter(n -> n <= first).count();
      unless(trainings >= due, PACE, "episode %d after %d of %d trainings", begun, trainings, due);
    }
  }

  /** The reward learner has read on; if it has read all there is, it knows all there is. */
  void read(RealPool pool, long highWater) {
    if (highWater == world.shelf().newestSequence()) {
      Set<Long> known = new HashSet<>();
      pool.all().forEach(label -> known.add(label.sequence()));
      unless(
          known.equals(world.shelf().labels().keySet()),
          LABELS,
          "%s known of %s",
          known,
          world.shelf().labels().keySet());
    }
  }

  /** The reward learner goes to work. */
  void trains(SimulatedNode learner, int version, RealPool pool) {
    begins(learner);
    List<Label> all = pool.all();
    Set<String> people = new HashSet<>();
    for (Label label : all) {
      String who = label.judgment().comparisonId() + " " + label.judgment().labeler();
      unless(people.add(who), LABELS, "%s counts twice", who);
    }
    long needed = schedule.labelsForTraining(version);
    unless(
        pool.preferences() >= needed && pool.preferences() <= all.size(),
        TRAININGS,
        "version %d of %d labels",
        version,
        pool.preferences());
  }

  /** The run is at its end. */
  void finished() {
    heldBack.forEach(
        (learner, held) ->
            unless(
                !learner.isAlive() || published.contains(held), HELD, "%s by %s", held, learner));
    int batch = world.scenario().experience().batchSize();
    long updates = world.scenario().updates();
    unless(used.size() == updates * batch, ONCE, "%d of %d", used.size(), updates * batch);
    long repeated = used.size() / world.scenario().experience().group() - learnedPrompts();
    unless(
        repeated == 0 || (world.ledgers() > 1 && !journaled), ONCE, "%d prompts twice", repeated);
    world.tally().add("prompt learned from twice, its ledger having died", repeated);
  }
}
