package plaudit.simulation;

import java.util.List;
import plaudit.experience.Pace;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;
import plaudit.reward.LabelSchedule;
import plaudit.reward.LabelSchedule.Answered;
import plaudit.snapshots.Lineage.PublishReply;
import plaudit.snapshots.Model;
import plaudit.snapshots.Publication;
import plaudit.snapshots.Snapshot;

/** {@code RewardLearner}: reads on in the labels, keeps pace, trains when the schedule says so. */
final class RewardLearnerNode extends SimulatedNode {

  private record Learnt(long version, List<Label> labels) implements Own {}

  private enum Look implements Own {
    INSTANCE
  }

  private static final long LOOK_EVERY = 1_000;
  private static final int COUNT_EVERY = 5;

  private final LabelSchedule schedule;
  private final Chance chance;
  private final RealPool pool;
  private final Publication publication = new Publication();
  private long highWater;
  private long episodes;
  private int trainings;
  private int looks;
  private boolean computing;
  private boolean held;

  RewardLearnerNode(World world, RealPool pool, int trainings, Chance chance) {
    super(world, "reward-learner");
    this.schedule = world.scenario().schedule();
    this.chance = chance;
    this.pool = pool;
    this.trainings = trainings;
  }

  @Override
  void start() {
    look();
  }

  @Override
  void receive(Object message) {
    if (message instanceof LabelStore.Labels labels) {
      onRead(labels);
    } else if (message instanceof LabelStore.Status status) {
      Answered answered = new Answered(status.preferences(), status.judged());
      Pace pace = schedule.pace(episodes, answered, trainings);
      tell(world().buffer(), pace);
    } else if (message instanceof ExperienceProtocol.Status status) {
      if (episodes != status.accepted()) {
        episodes = status.accepted();
        tell(world().shelf(), new Say.GetStatus(this));
      }
    } else if (message instanceof Learnt learnt) {
      computing = false;
      Snapshot made = world().disk().write(Model.REWARD, learnt.version(), chance.number(), null);
      world().laws().made(this, made);
      publication.begin(made);
      publish();
    } else if (message instanceof PublishReply reply) {
      onPublished(reply);
    } else if (message instanceof Say.Held word) {
      held = word.held();
      publish();
      train();
    } else if (message == Look.INSTANCE) {
      look();
    }
  }

  private void look() {
    tell(world().shelf(), new Say.TakeLabels(this, highWater));
    if (looks++ % COUNT_EVERY == 0) {
      tell(world().shelf(), new Say.GetStatus(this));
    }
    tell(world().buffer(), new Say.GetStatus(this));
    publish();
    in(LOOK_EVERY, Look.INSTANCE);
  }

  private void onRead(LabelStore.Labels read) {
    if (read.after() != highWater || read.labels().isEmpty()) {
      return;
    }
    for (Label label : read.labels()) {
      pool.add(label);
      highWater = label.sequence();
    }
    world().laws().read(pool, highWater);
    tell(world().shelf(), new Say.TakeLabels(this, highWater));
    tell(world().shelf(), new Say.GetStatus(this));
    train();
  }

  private void onPublished(PublishReply reply) {
    boolean mistakes = world().has(Defect.MISTAKES_LATE_ANSWERS);
    switch (publication.answered(
        mistakes ? Defect.anyAnswer(publication.waiting(), reply) : reply)) {
      case PUBLISHED -> {
        trainings = Math.toIntExact(reply.version() + 1);
        train();
      }
      case REFUSED -> world().refused(this, reply);
      case OLD -> {}
    }
  }

  private void train() {
    if (computing
        || held
        || publication.waiting().isPresent()
        || schedule.trainingsDue(pool.preferences()) <= trainings) {
      return;
    }
    computing = true;
    world().laws().trains(this, trainings, pool);
    in(chance.between(300, 2_000), new Learnt(trainings, pool.all()));
  }

  private void publish() {
    if (!held) {
      publication
          .waiting()
          .ifPresent(made -> tell(world().registry(), new Say.Publish(this, made)));
    }
  }
}
