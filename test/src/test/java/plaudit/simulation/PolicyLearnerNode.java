package plaudit.simulation;

import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Publication;
import plaudit.snapshots.Snapshot;

/**
 * {@code PolicyLearner}: takes, learns, publishes. The weights it makes depend on the batch and on
 * nothing else, so whoever learns the same batch again publishes the same.
 */
final class PolicyLearnerNode extends SimulatedNode {

  private record Learnt(Batch batch) implements Own {}

  private enum AskAgain implements Own {
    INSTANCE
  }

  private static final long ASK_AGAIN = 2_000;

  private final Chance chance;
  private final Publication publication = new Publication();
  private Snapshot weights;
  private boolean computing;
  private boolean waiting;

  /**
   * A life that goes on from its checkpoint.
   *
   * @param checkpoint none in a new run
   */
  PolicyLearnerNode(World world, @Nullable Snapshot checkpoint, Chance chance) {
    super(world, "policy-learner");
    this.chance = chance;
    this.weights = checkpoint == null ? world.disk().write(Model.POLICY, 0, 1, null) : checkpoint;
  }

  @Override
  void start() {
    checkpointed();
    publish();
    in(ASK_AGAIN, AskAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Batch batch) {
      if (!computing && batch.version() == weights.version()) {
        world().laws().delivered(batch, weights.version());
        waiting = false;
        computing = true;
        in(chance.between(300, 1_500), new Learnt(batch));
      }
    } else if (message instanceof Learnt learnt) {
      onLearnt(learnt.batch());
    } else if (message instanceof PublishReply reply) {
      onPublished(reply);
    } else if (message == AskAgain.INSTANCE) {
      if (!computing) {
        boolean silent = world().has(Defect.FALLS_SILENT);
        (silent ? publication.waiting() : publication.newest()).ifPresent(this::say);
      }
      if (waiting && !computing) {
        ask();
      }
      in(ASK_AGAIN, AskAgain.INSTANCE);
    }
  }

  private void onLearnt(Batch batch) {
    computing = false;
    long digest = Long.parseUnsignedLong(weights.sha256().substring(0, 16), 16);
    if (world().has(Defect.LEARNS_DIFFERENTLY_AGAIN)) {
      digest += world().millis();
    }
    for (Trajectory t : batch.trajectories()) {
      digest = digest * 0x9E3779B97F4A7C15L + t.rollout().response().get(0);
    }
    weights = world().disk().write(Model.POLICY, weights.version() + 1, digest, batch);
    Scenario scenario = world().scenario();
    if (weights.version() % scenario.checkpointEvery() == 0
        || weights.version() == scenario.updates()) {
      world().disk().checkpoint(weights);
      checkpointed();
    }
    publish();
  }

  /** Whose batches before this the buffer need not keep. */
  private void checkpointed() {
    tell(world().buffer(), new Say.Checkpointed(weights.version()));
  }

  private void onPublished(PublishReply reply) {
    switch (outcome(reply)) {
      case PUBLISHED -> next();
      case REFUSED -> world().refused(this, reply);
      case OLD -> {}
    }
  }

  private Publication.Outcome outcome(PublishReply reply) {
    if (world().has(Defect.MISTAKES_LATE_ANSWERS)) {
      return Defect.anyAnswer(publication, reply);
    }
    return publication.answered(reply);
  }

  private void next() {
    if (weights.version() < world().scenario().updates()) {
      waiting = true;
      ask();
    }
  }

  private void publish() {
    publication.begin(weights);
    say(weights);
  }

  private void say(Snapshot snapshot) {
    tell(world().registry(), new Say.Publish(this, snapshot));
  }

  private void ask() {
    tell(world().buffer(), new Say.TakeBatch(this, weights.version()));
  }
}
