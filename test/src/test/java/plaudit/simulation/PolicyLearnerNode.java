package plaudit.simulation;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Batch;
import plaudit.experience.Trajectory;
import plaudit.policy.PolicyLearnerState;
import plaudit.policy.PolicyLearnerState.Due;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/**
 * {@code PolicyLearner}: takes, learns, publishes. The weights it makes depend on the batch and on
 * nothing else, so a life that learns the same batch again publishes the same. One that goes on
 * from a checkpoint announces it, since another learner may live.
 */
final class PolicyLearnerNode extends SimulatedNode {

  private record Learnt(Batch batch) implements Own {}

  private record Kept(Snapshot checkpoint) implements Own {}

  private record Saved(Snapshot checkpoint) implements Own {}

  private enum AskAgain implements Own {
    INSTANCE
  }

  private static final long ASK_AGAIN = 2_000;

  private final Chance chance;
  private final PolicyLearnerState state;
  private Snapshot weights;

  /**
   * A life that goes on from its checkpoint.
   *
   * @param checkpoint none in a new run
   */
  PolicyLearnerNode(World world, @Nullable Snapshot checkpoint, Chance chance) {
    super(world, "policy-learner");
    this.chance = chance;
    Scenario scenario = world.scenario();
    this.state = new PolicyLearnerState(scenario.updates(), scenario.checkpointEvery());
    this.weights = checkpoint == null ? world.disk().write(Model.POLICY, 0, 1, null) : checkpoint;
  }

  @Override
  void start() {
    tell(world().buffer(), new Say.Checkpointed(weights.version()));
    begin(state.started(weights.version(), Optional.of(weights)));
    in(ASK_AGAIN, AskAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Batch batch) {
      if (state.taken(batch.version())) {
        world().laws().delivered(this, batch, weights.version());
        in(chance.between(300, 1_500), new Learnt(batch));
      }
    } else if (message instanceof Learnt learnt) {
      onLearnt(learnt.batch());
    } else if (message instanceof Kept kept) {
      checkpointed(kept.checkpoint());
      begin(state.kept());
    } else if (message instanceof Saved saved) {
      checkpointed(saved.checkpoint());
    } else if (message instanceof PublishReply reply) {
      onPublished(reply);
    } else if (message == Say.HOLD) {
      if (!world().has(Defect.GOES_ON_DESPITE_A_STOP)) {
        state.hold();
      }
    } else if (message == Say.GO_ON) {
      onGoOn();
    } else if (message == AskAgain.INSTANCE) {
      boolean silent = world().has(Defect.FALLS_SILENT) && state.unanswered().isEmpty();
      state.sayAgain().filter(newest -> !silent).ifPresent(this::say);
      if (state.asksAgain()) {
        ask();
      }
      in(ASK_AGAIN, AskAgain.INSTANCE);
    }
  }

  private void onGoOn() {
    if (world().has(Defect.FORGETS_WHAT_IS_HELD)) {
      state
          .unanswered()
          .ifPresent(it -> state.answered(new PublishReply.Accepted(it.model(), it.version())));
    }
    begin(state.goOn());
  }

  private void begin(Due due) {
    switch (due) {
      case TAKE -> ask();
      case ANNOUNCE -> say(weights);
      case ANNOUNCE_AND_KEEP -> {
        say(weights);
        in(chance.between(10, 400), new Kept(weights));
      }
      case SAVE -> in(chance.between(10, 400), new Saved(weights));
      case NOTHING -> {}
    }
  }

  private void onLearnt(Batch batch) {
    long digest = Long.parseUnsignedLong(weights.sha256().substring(0, 16), 16);
    if (world().has(Defect.LEARNS_DIFFERENTLY_AGAIN)) {
      digest += world().millis();
    }
    for (Trajectory t : batch.trajectories()) {
      digest = digest * 0x9E3779B97F4A7C15L + t.rollout().response().get(0);
    }
    weights = world().disk().write(Model.POLICY, weights.version() + 1, digest, batch);
    world().laws().made(this, weights);
    if (world().has(Defect.KEEPS_BEFORE_ANNOUNCING)) {
      checkpointed(weights);
    }
    begin(state.learnt(weights, true));
  }

  /** The buffer need not keep the batches before it. */
  private void checkpointed(Snapshot checkpoint) {
    world().laws().checkpointed(checkpoint);
    world().disk().checkpoint(checkpoint);
    tell(world().buffer(), new Say.Checkpointed(checkpoint.version()));
  }

  private void onPublished(PublishReply reply) {
    boolean mistakes = world().has(Defect.MISTAKES_LATE_ANSWERS);
    switch (state.answered(mistakes ? Defect.anyAnswer(state.unanswered(), reply) : reply)) {
      case PUBLISHED -> begin(state.next());
      case REFUSED -> world().refused(this, reply);
      case OLD -> {}
    }
  }

  private void say(Snapshot snapshot) {
    tell(world().registry(), new Say.Publish(this, snapshot));
  }

  private void ask() {
    tell(world().buffer(), new Say.TakeBatch(this, weights.version()));
  }
}
