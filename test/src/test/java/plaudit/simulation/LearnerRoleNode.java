package plaudit.simulation;

import plaudit.labels.actor.LabelStore;
import plaudit.lease.PendingRequest;

/**
 * {@code LearnerRole}, as far as it looks whether a labeler has stopped the run and tells its
 * learner; no network lies between the two. Each learner has one, since they can die apart here.
 */
final class LearnerRoleNode extends SimulatedNode {

  private enum Look implements Own {
    INSTANCE
  }

  private static final long LOOK_EVERY = 250;
  private static final int LONGEST_WAIT = 40;

  private final SimulatedNode learner;
  private final PendingRequest request = new PendingRequest(LONGEST_WAIT);
  private boolean held;

  LearnerRoleNode(World world, SimulatedNode learner) {
    super(world, learner.name());
    this.learner = learner;
  }

  @Override
  void start() {
    in(0, Look.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof LabelStore.StopReason answer) {
      request.answered();
      if (answer.stop().isPresent() != held) {
        held = answer.stop().isPresent();
        world().happens(0, new MessageDelivery(this, learner, held ? Say.HOLD : Say.GO_ON));
      }
    } else if (message == Look.INSTANCE && learner.isAlive()) {
      request.tick();
      if (request.send()) {
        tell(world().shelf(), new Say.GetStopReason(this));
      }
      in(LOOK_EVERY, Look.INSTANCE);
    }
  }
}
