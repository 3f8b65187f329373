package plaudit.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/** {@code Sampler}: follows the policy, borrows, writes, hands over until it is answered. */
final class SamplerNode extends SimulatedNode {

  private record Loaded(Snapshot snapshot) implements Own {}

  private record Written(Grant grant, List<Rollout> rollouts) implements Own {}

  private enum AskAgain implements Own {
    INSTANCE
  }

  private static final long ASK_AGAIN = 2_000;
  private static final PerToken NOTHING = PerToken.of(0);

  private final Chance chance;
  private final Map<Long, Say.Score> unanswered = new LinkedHashMap<>();
  private @Nullable Snapshot newest;
  private @Nullable Snapshot tried;
  private @Nullable Snapshot loaded;
  private final Deque<Grant> granted = new ArrayDeque<>();
  private boolean computing;
  private boolean asked;
  private int turn;

  SamplerNode(World world, String name, Chance chance) {
    super(world, name);
    this.chance = chance;
  }

  @Override
  void start() {
    follow();
    in(ASK_AGAIN, AskAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Snapshot snapshot) {
      newest = snapshot;
    } else if (message instanceof Loaded done) {
      computing = false;
      loaded = done.snapshot();
      asked = false;
    } else if (message instanceof Grant grant) {
      asked = false;
      granted.add(grant);
    } else if (message instanceof Written written) {
      computing = false;
      Grant grant = written.grant();
      Say.Score score = new Say.Score(this, grant.batchId(), grant.purpose(), written.rollouts());
      unanswered.put(grant.batchId(), score);
      hand(score);
    } else if (message instanceof Scored scored) {
      unanswered.remove(scored.batchId());
    } else if (message == AskAgain.INSTANCE) {
      if (!world().has(Defect.FOLLOWS_ONCE)) {
        follow();
      }
      asked = false;
      unanswered.values().forEach(this::hand);
      in(ASK_AGAIN, AskAgain.INSTANCE);
    } else if (!(message instanceof Busy)) {
      throw new IllegalStateException("a sampler does not understand " + message);
    }
    next();
  }

  private void next() {
    if (computing) {
      return;
    }
    Snapshot policy = loaded;
    if (newest != null && !newest.equals(tried)) {
      computing = true;
      tried = newest;
      in(chance.between(10, 100), new Loaded(newest));
    } else if (!granted.isEmpty() && policy != null) {
      Grant grant = granted.remove();
      computing = true;
      in(chance.between(100, 1_200), new Written(grant, write(grant, policy)));
    } else if (!asked
        && policy != null
        && unanswered.size() < world().scenario().unacknowledged()) {
      asked = true;
      tell(world().buffer(), new Say.Borrow(this, policy.version()));
    }
  }

  /** Each writing is one of a kind, told by its only token. */
  private List<Rollout> write(Grant grant, Snapshot policy) {
    List<Rollout> rollouts = new ArrayList<>();
    for (Prompt prompt : grant.prompts()) {
      for (int i = 0; i < grant.responses(); i++) {
        boolean reference = grant.purpose() == Purpose.VALIDATION && i < grant.responses() / 2;
        long by = reference ? 0 : policy.version();
        Tokens response = Tokens.of(world().laws().writing(policy));
        rollouts.add(new Rollout(prompt.id(), i, prompt.query(), response, NOTHING, NOTHING, by));
      }
    }
    return rollouts;
  }

  private void hand(Say.Score score) {
    List<ScorerNode> scorers = world().scorers();
    tell(scorers.get(turn++ % scorers.size()), score);
  }

  private void follow() {
    tell(world().registry(), new Say.Follow(this, Model.POLICY));
  }
}
