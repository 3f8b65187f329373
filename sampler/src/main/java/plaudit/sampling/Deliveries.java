package plaudit.sampling;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import plaudit.scoring.ScoringProtocol;
import plaudit.scoring.ScoringProtocol.Score;

/** Batches on their way to scorers, until they are acknowledged. */
final class Deliveries {

  private final Map<Long, Score> unanswered = new HashMap<>();
  private List<ActorRef<ScoringProtocol.Command>> scorers = List.of();
  private int turn;

  /** Sends a batch, now or when there is a scorer. */
  void send(Score score) {
    unanswered.put(score.batchId(), score);
    deliver(score);
  }

  /** A scorer has done it. */
  void acknowledged(long batchId) {
    unanswered.remove(batchId);
  }

  /** These are there now. */
  void scorers(Set<ActorRef<ScoringProtocol.Command>> refs) {
    boolean first = scorers.isEmpty();
    scorers = List.copyOf(refs);
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
