package plaudit.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.experience.OfferReply;
import plaudit.experience.Rollout;
import plaudit.experience.Trajectory;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.actor.LabelStore.AskReply;
import plaudit.scoring.Questions;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.VersionTracker;
import plaudit.snapshots.VersionTracker.News;
import plaudit.tokens.PerToken;

/** {@code Scorer}: scores, and sees each batch to its place, asking until the place answers. */
final class ScorerNode extends SimulatedNode {

  private record Loaded(Snapshot snapshot) implements Own {}

  private record Done(Say.Score batch, long reward) implements Own {}

  private record Retry(long batchId, Object question) implements Own {}

  private enum FollowAgain implements Own {
    INSTANCE
  }

  private static final long RETRY = 1_500;
  private static final PerToken NOTHING = PerToken.of(0);

  private final Chance chance;
  private final Deque<Say.Score> queue = new ArrayDeque<>();

  /** Who waits for the end of each batch that is here. */
  private final Map<Long, Say.Score> known = new LinkedHashMap<>();

  /** What was asked about each batch and is not answered. */
  private final Map<Long, Object> questions = new LinkedHashMap<>();

  private final VersionTracker tracker = new VersionTracker();
  private @Nullable Snapshot loaded;
  private boolean computing;

  ScorerNode(World world, String name, Chance chance) {
    super(world, name);
    this.chance = chance;
  }

  @Override
  void start() {
    follow();
    in(RETRY, FollowAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Say.Score score) {
      onScore(score);
    } else if (message instanceof Snapshot snapshot) {
      tracker.heard(snapshot, now());
    } else if (message instanceof Loaded done) {
      computing = false;
      tracker.loaded();
      loaded = done.snapshot();
    } else if (message instanceof Done done) {
      computing = false;
      List<Trajectory> trajectories =
          done.batch().rollouts().stream()
              .map(rollout -> new Trajectory(rollout, NOTHING, 0, true, done.reward()))
              .toList();
      long id = done.batch().batchId();
      ask(id, new Say.Offer(this, id, trajectories));
    } else if (message instanceof Say.Stored stored) {
      onStored(stored);
    } else if (message instanceof OfferReply reply) {
      onOfferReply(reply);
    } else if (message instanceof Retry retry) {
      if (questions.get(retry.batchId()) == retry.question()) {
        ask(retry.batchId(), retry.question());
      }
    } else if (message == FollowAgain.INSTANCE && !world().has(Defect.FOLLOWS_ONCE)) {
      follow();
      in(RETRY, FollowAgain.INSTANCE);
    }
    next();
  }

  private void onScore(Say.Score score) {
    if (known.containsKey(score.batchId())) {
      return;
    }
    if (queue.size() >= world().scenario().queue()) {
      tell(score.from(), new Busy(score.batchId()));
      return;
    }
    known.put(score.batchId(), score);
    if (!score.purpose().isForPeople()) {
      queue.add(score);
      return;
    }
    List<Comparison> comparisons = comparisons(score);
    if (comparisons.isEmpty()) {
      ask(score.batchId(), new Say.Asked(this, score.batchId(), 0));
    } else {
      ask(score.batchId(), new Say.Ask(this, score.batchId(), comparisons));
    }
  }

  private void onStored(Say.Stored stored) {
    if (questions.get(stored.batchId()) instanceof Say.Ask ask
        && stored.reply() instanceof AskReply.Stored reply) {
      int count =
          world().has(Defect.COUNTS_NEW_QUESTIONS_ONLY)
              ? reply.comparisons()
              : ask.comparisons().size();
      ask(stored.batchId(), new Say.Asked(this, stored.batchId(), count));
    }
  }

  private void onOfferReply(OfferReply reply) {
    Object question = questions.get(reply.batchId());
    Say.Score batch = known.get(reply.batchId());
    if (batch != null && (question instanceof Say.Offer || question instanceof Say.Asked)) {
      questions.remove(reply.batchId());
      known.remove(reply.batchId());
      tell(batch.from(), new Scored(reply.batchId()));
    }
  }

  private void next() {
    if (computing) {
      return;
    }
    if (tracker.fetch().isPresent()) {
      throw new IllegalStateException("a scorer fetches local files");
    }
    Optional<News> load = tracker.load();
    if (load.isPresent()) {
      computing = true;
      in(chance.between(10, 100), new Loaded(load.get().snapshot()));
    } else if (loaded != null && !queue.isEmpty()) {
      computing = true;
      in(chance.between(20, 200), new Done(queue.remove(), loaded.version()));
    }
  }

  private void ask(long batchId, Object question) {
    questions.put(batchId, question);
    tell(question instanceof Say.Ask ? world().shelf() : world().buffer(), question);
    in(RETRY, new Retry(batchId, question));
  }

  private void follow() {
    tell(world().registry(), new Say.Follow(this, Model.REWARD));
  }

  /** Some prompts make no question: their responses have no end, or are all the same. */
  private static List<Comparison> comparisons(Say.Score score) {
    Map<Long, List<Sample>> samples = new LinkedHashMap<>();
    for (Rollout r : score.rollouts()) {
      samples
          .computeIfAbsent(r.promptId(), id -> new ArrayList<>())
          .add(new Sample(r.response(), "", r.policyVersion()));
    }
    List<Comparison> comparisons = new ArrayList<>();
    samples.forEach(
        (prompt, of) -> {
          if (prompt % 7 != 6) {
            String id = Questions.prefix(score.purpose()) + prompt;
            comparisons.add(new Comparison(id, score.rollouts().get(0).query(), "", of));
          }
        });
    return comparisons;
  }
}
