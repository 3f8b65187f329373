package plaudit.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.PromptStreams;
import plaudit.experience.Purpose;
import plaudit.experience.ShuffledPrompts;
import plaudit.experience.Start;
import plaudit.experience.journal.DurableLedger;
import plaudit.experience.journal.Journal;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.Tokens;

/** Who plays each part now, who comes after them, and where that one goes on. */
final class Cast {

  private static final List<Tokens> QUERIES = Collections.nCopies(40, Tokens.of(0));

  /** Batch ids of one ledger; the next one begins beyond them. */
  private static final long IDS_OF_A_LEDGER = 1_000_000;

  private final World world;
  private final Chance chance;
  private final SimulatedJournal journal = new SimulatedJournal();
  private final List<SamplerNode> samplers = new ArrayList<>();
  private final List<ScorerNode> scorers = new ArrayList<>();
  private final List<LabelerNode> labelers = new ArrayList<>();
  private RegistryNode registry;
  private BufferNode buffer;
  private PolicyLearnerNode policyLearner;
  private RewardLearnerNode rewardLearner;
  private final List<PolicyLearnerNode> rivals = new ArrayList<>();
  private boolean refusable;
  private int ledgers;

  Cast(World world, Chance chance) {
    this.world = world;
    this.chance = chance;
    Scenario scenario = world.scenario();
    for (int i = 0; i <= scenario.labelers(); i++) {
      labelers.add(new LabelerNode(world, "labeler-" + i, i == 0, chance.split()));
    }
    for (int i = 1; i <= scenario.scorers(); i++) {
      scorers.add(new ScorerNode(world, "scorer-" + i, chance.split()));
    }
    for (int i = 1; i <= scenario.samplers(); i++) {
      samplers.add(new SamplerNode(world, "sampler-" + i, chance.split()));
    }
    registry = new RegistryNode(world, Defect.lineage(world.defects(), Map.of()));
    buffer = newBuffer(Start.FRESH, PromptStreams.of(QUERIES, 1));
    policyLearner = newPolicyLearner(null);
    rewardLearner = newRewardLearner();
  }

  void start() {
    labelers.forEach(SimulatedNode::start);
    scorers.forEach(SimulatedNode::start);
    samplers.forEach(SimulatedNode::start);
    List.of(registry, buffer, policyLearner, rewardLearner).forEach(SimulatedNode::start);
    looksForStops(policyLearner);
    looksForStops(rewardLearner);
  }

  private void looksForStops(SimulatedNode learner) {
    if (world.scenario().stops() > 0) {
      new LearnerRoleNode(world, learner).start();
    }
  }

  BufferNode buffer() {
    return buffer;
  }

  RegistryNode registry() {
    return registry;
  }

  List<SamplerNode> samplers() {
    return samplers;
  }

  List<ScorerNode> scorers() {
    return scorers;
  }

  PolicyLearnerNode policyLearner() {
    return policyLearner;
  }

  RewardLearnerNode rewardLearner() {
    return rewardLearner;
  }

  /** The names of all who can be cut off. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    samplers.forEach(node -> names.add(node.name()));
    scorers.forEach(node -> names.add(node.name()));
    labelers.forEach(node -> names.add(node.name()));
    List.of(registry, buffer, policyLearner, rewardLearner, world.shelf())
        .forEach(node -> names.add(node.name()));
    return names;
  }

  void raiseSampler(int index) {
    SamplerNode node = new SamplerNode(world, samplers.get(index).name(), chance.split());
    samplers.set(index, node);
    node.start();
  }

  void raiseScorer(int index) {
    ScorerNode node = new ScorerNode(world, scorers.get(index).name(), chance.split());
    scorers.set(index, node);
    node.start();
  }

  void raiseRegistry() {
    registry = new RegistryNode(world, Defect.lineage(world.defects(), world.disk().published()));
    registry.start();
  }

  /**
   * A ledger begins anew.
   *
   * @param informed whether it is told where the run is, as one that is resumed, or finds out by
   *     itself
   */
  void raiseBuffer(boolean informed) {
    buffer.die();
    Snapshot policy = world.disk().published().get(Model.POLICY);
    PromptStreams decks = PromptStreams.of(QUERIES, 1);
    ShelfNode shelf = world.shelf();
    Start start =
        new Start(
            policy == null ? 0 : policy.version(),
            shelf.stored(Purpose.QUESTION),
            shelf.stored(Purpose.VALIDATION));
    buffer =
        informed
            ? newBuffer(
                start,
                new PromptStreams(
                    decks.policy(),
                    decks.questions().skip(asked(Purpose.QUESTION, ShuffledPrompts.FIRST_QUESTION)),
                    decks
                        .validations()
                        .skip(asked(Purpose.VALIDATION, ShuffledPrompts.FIRST_VALIDATION))))
            : newBuffer(Start.FRESH, decks);
    buffer.start();
  }

  /** Of a deck that begins at {@code first}, so many prompts have been dealt. */
  private long asked(Purpose purpose, long first) {
    return world.shelf().newestPrompt(purpose, first - 1) - first + 1;
  }

  private BufferNode newBuffer(Start start, PromptStreams decks) {
    ExperienceSettings settings = world.scenario().experience().startingAt(start);
    world.questions().restart(start);
    DurableLedger ledger =
        DurableLedger.fresh(
            SpoiledLedger.spoil(settings, world.defects()),
            decks,
            firstBatchId(),
            world.scenario().journaled() ? journal : Journal.NONE);
    return new BufferNode(
        world, Defect.ledger(world.defects(), ledger), new PromptBook(world, settings));
  }

  /** The ledger goes on where its journal ends, wherever the learner does. */
  private void resumeBuffer() {
    buffer.die();
    if (world.has(Defect.ANSWERS_BEFORE_WRITING)) {
      journal.loseTheLast();
    }
    Snapshot checkpoint = world.disk().published().get(Model.POLICY);
    DurableLedger ledger =
        DurableLedger.resumed(
                SpoiledLedger.spoil(world.scenario().experience(), world.defects()),
                PromptStreams.of(QUERIES, 1),
                checkpoint == null ? 0 : checkpoint.version(),
                firstBatchId(),
                journal)
            .orElseThrow();
    PromptBook book = buffer.book();
    book.resumed();
    buffer = new BufferNode(world, Defect.ledger(world.defects(), ledger), book);
    buffer.start();
  }

  private long firstBatchId() {
    long first = world.has(Defect.REUSES_BATCH_IDS) ? 0 : ledgers * IDS_OF_A_LEDGER;
    ledgers++;
    return first;
  }

  /** One that goes on alone; all go on from an earlier checkpoint if what is public has none. */
  void raisePolicyLearner() {
    refusable = true;
    Snapshot published = world.disk().published().get(Model.POLICY);
    Snapshot checkpoint = world.disk().publishedCheckpoint();
    if (published != null && published.version() > 0 && checkpoint == null) {
      resume();
    } else {
      begin(checkpoint);
    }
  }

  private void begin(@Nullable Snapshot checkpoint) {
    policyLearner = newPolicyLearner(checkpoint);
    policyLearner.start();
    looksForStops(policyLearner);
  }

  /** After a split, somebody takes the learner for dead that is not. */
  void raiseRival() {
    refusable = true;
    PolicyLearnerNode rival = newPolicyLearner(world.disk().publishedCheckpoint());
    rivals.add(rival);
    rival.start();
    looksForStops(rival);
  }

  void endRivals() {
    rivals.forEach(SimulatedNode::die);
    rivals.clear();
  }

  private PolicyLearnerNode newPolicyLearner(@Nullable Snapshot checkpoint) {
    return new PolicyLearnerNode(world, checkpoint, chance.split());
  }

  void raiseRewardLearner() {
    refusable = true;
    rewardLearner = newRewardLearner();
    rewardLearner.start();
    looksForStops(rewardLearner);
  }

  private RewardLearnerNode newRewardLearner() {
    Snapshot newest = world.disk().published().get(Model.REWARD);
    int trainings = newest == null ? 0 : Math.toIntExact(newest.version() + 1);
    return new RewardLearnerNode(world, Defect.pool(world.defects()), trainings, chance.split());
  }

  /** Everything that is not on a disk is gone, and the run is resumed. */
  void resumeAll() {
    samplers.forEach(SimulatedNode::die);
    scorers.forEach(SimulatedNode::die);
    resume();
    for (int i = 0; i < scorers.size(); i++) {
      raiseScorer(i);
    }
    for (int i = 0; i < samplers.size(); i++) {
      raiseSampler(i);
    }
  }

  /**
   * The learner's node, which has the places too, is gone and resumed; samplers and scorers live
   * on, with weights that may have to be made again. A run that a labeler has stopped is resumed
   * despite that.
   */
  void resume() {
    endRivals();
    world.shelf().letGoOn();
    List.of(registry, policyLearner, rewardLearner).forEach(SimulatedNode::die);
    world.disk().rollBack();
    world.laws().rolledBack();
    raiseRegistry();
    if (world.scenario().journaled() && !world.has(Defect.GOES_BACK_WITH_THE_LEARNER)) {
      resumeBuffer();
    } else {
      raiseBuffer(true);
    }
    begin(world.disk().published().get(Model.POLICY));
    raiseRewardLearner();
  }

  /** How many ledgers there were. */
  int ledgers() {
    return ledgers;
  }

  /** A learner was refused: that process ends, and the one of the cast begins again. */
  void refused(SimulatedNode learner, PublishReply reply) {
    Broken.unless(refusable, "nobody is refused without a rival", "%s by %s", learner, reply);
    world.tally().add("learner refused");
    learner.die();
    if (learner == policyLearner) {
      raisePolicyLearner();
    } else if (learner == rewardLearner) {
      raiseRewardLearner();
    }
  }
}
