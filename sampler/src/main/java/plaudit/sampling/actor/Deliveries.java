package plaudit.sampling.actor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import plaudit.experience.Rollout;
import plaudit.experience.actor.ExperienceProtocol.Grant;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.scoring.actor.ScoringProtocol.Score;

/**
 * Batches on their way to scorers, until they are acknowledged; and which scorers there are.
 *
 * <p>A part of the sampler: only its messages may call.
 */
final class Deliveries {

  /** What is heard of scorers, by way of the sampler. */
  sealed interface Message extends Sampler.Command {}

  /** A scorer has answered. */
  record Answered(ScoringProtocol.Reply reply) implements Message {}

  /** These are there now. */
  record Scorers(Set<ActorRef<ScoringProtocol.Command>> refs) implements Message {}

  private final ActorRef<ScoringProtocol.Reply> replies;
  private final Map<Long, Score> unanswered = new HashMap<>();
  private List<ActorRef<ScoringProtocol.Command>> scorers = List.of();
  private int turn;

  /** Nothing yet; begins to look for scorers. */
  Deliveries(ActorContext<Sampler.Command> ctx) {
    this.replies = ctx.messageAdapter(ScoringProtocol.Reply.class, Answered::new);
    ctx.getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                ScoringProtocol.KEY,
                ctx.messageAdapter(
                    Receptionist.Listing.class,
                    listing -> new Scorers(listing.getServiceInstances(ScoringProtocol.KEY)))));
  }

  /** Sends a batch, now or when there is a scorer. */
  void send(Grant grant, List<Rollout> rollouts) {
    Score score = new Score(grant.batchId(), grant.purpose(), rollouts, replies);
    unanswered.put(score.batchId(), score);
    deliver(score);
  }

  /** What is scored is done; what a scorer had no room for goes out {@link #again}. */
  void onAnswered(Answered message) {
    if (message.reply() instanceof ScoringProtocol.Scored scored) {
      unanswered.remove(scored.batchId());
    }
  }

  /** The first ones get what waited for them. */
  void onScorers(Scorers message) {
    boolean first = scorers.isEmpty();
    scorers = List.copyOf(message.refs());
    if (first) {
      unanswered.values().forEach(this::deliver);
    }
  }

  /** Sends all that is unanswered once more, to the next: whoever did not answer may be gone. */
  void again() {
    turn++;
    unanswered.values().forEach(this::deliver);
  }

  /** How many are unanswered. */
  int size() {
    return unanswered.size();
  }

  /** By the batch's id: samplers that each counted for themselves would all go to the same one. */
  private void deliver(Score score) {
    if (!scorers.isEmpty()) {
      scorers.get((int) Math.floorMod(score.batchId() + turn, (long) scorers.size())).tell(score);
    }
  }
}
