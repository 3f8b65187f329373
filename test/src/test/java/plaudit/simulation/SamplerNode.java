package plaudit.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.sampling.PolicyEngine.Candidate;
import plaudit.sampling.SamplerState;
import plaudit.sampling.SamplerState.Ask;
import plaudit.sampling.SamplerState.Due;
import plaudit.sampling.SamplerState.Load;
import plaudit.sampling.SamplerState.TakeOver;
import plaudit.sampling.SamplerState.Write;
import plaudit.scoring.actor.ScoringProtocol.Busy;
import plaudit.scoring.actor.ScoringProtocol.Scored;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.PerToken;
import plaudit.tokens.Tokens;

/**
 * {@code Sampler} without its engine: follows the policy, borrows, writes, hands over until it is
 * answered. What it begins the real {@link SamplerState} says.
 */
final class SamplerNode extends SimulatedNode {

  private record Loaded(Candidate candidate) implements Own {}

  private record TookOver(Candidate candidate) implements Own {}

  private record Written(Grant grant, List<Rollout> rollouts) implements Own {}

  private enum AskAgain implements Own {
    INSTANCE
  }

  private static final long ASK_AGAIN = 2_000;
  private static final PerToken NOTHING = PerToken.of(0);

  private final Chance chance;
  private final Map<Long, Say.Score> unanswered = new LinkedHashMap<>();
  private final SamplerState state;
  private @Nullable Candidate loaded;
  private @Nullable Snapshot policy;
  private int turn;

  SamplerNode(World world, String name, Chance chance) {
    super(world, name);
    this.chance = chance;
    this.state = new SamplerState(world.scenario().unacknowledged(), false);
  }

  @Override
  void start() {
    follow();
    in(ASK_AGAIN, AskAgain.INSTANCE);
  }

  @Override
  void receive(Object message) {
    if (message instanceof Snapshot snapshot) {
      state.heard(snapshot, now());
    } else if (message instanceof Loaded done) {
      loaded = done.candidate();
      state.loaded(loaded);
    } else if (message instanceof TookOver done) {
      policy = done.candidate().snapshot();
      state.tookOver(Optional.of(done.candidate()));
    } else if (message instanceof Grant grant) {
      state.granted(grant);
    } else if (message instanceof Written written) {
      state.written();
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
      state.again();
      unanswered.values().forEach(this::hand);
      in(ASK_AGAIN, AskAgain.INSTANCE);
    } else if (!(message instanceof Busy)) {
      throw new IllegalStateException("a sampler does not understand " + message);
    }
    for (Optional<Due> due = due(); due.isPresent(); due = due()) {
      begin(due.get());
    }
  }

  private Optional<Due> due() {
    return state.next(unanswered.size());
  }

  private void begin(Due due) {
    if (due instanceof Load load) {
      in(chance.between(10, 100), new Loaded(load.candidate()));
    } else if (due instanceof Write write && policy != null) {
      in(chance.between(100, 1_200), new Written(write.grant(), write(write.grant(), policy)));
    } else if (due instanceof Ask ask) {
      tell(world().buffer(), new Say.Borrow(this, ask.version()));
    } else if (due == TakeOver.NOW && loaded != null) {
      in(chance.between(0, 5), new TookOver(loaded));
    } else {
      throw new IllegalStateException("a sampler cannot begin " + due);
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
