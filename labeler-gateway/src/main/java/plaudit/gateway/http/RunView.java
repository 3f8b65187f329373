package plaudit.gateway.http;

import java.util.List;
import java.util.Map;

/**
 * What the console may know of the run; the node that runs the loops implements it. Called from
 * threads that may block, never from an actor's.
 *
 * <p>The console understands these names and shows a dash for those that are absent. In {@link
 * #statusJson()}: {@code name, phase, update, updates, etaSeconds, rolloutsPerSecond, staleness,
 * labels, labelsWanted, reward, kl, klTarget, beta, policyVersion, rewardVersion}, {@code
 * waitingFor} in words while labels are missing, {@code holders} of tasks ({@code by, vendor,
 * tasks, seconds}), and while a labeler has the run stopped {@code stop} ({@code by, reason, since,
 * vendor, labeler} and {@code goOn}, what lets it go on, in words). In each line of {@link
 * #metricsSince}: {@code update, reward, kl, klTarget, beta, labels, staleness, rolloutsPerSecond}.
 * Reward is the mean score of a batch, KL is in nats over a whole response.
 */
public interface RunView {

  /** A JSON object with the present state of the run. */
  String statusJson();

  /**
   * The run's metrics: one JSON object a line, in order.
   *
   * @param line how many lines the caller has already, from 0
   */
  List<String> metricsSince(int line);

  /**
   * The newest samples, newest first: each a JSON object with {@code query}, {@code response} and
   * optionally {@code reward}, {@code update} and the query's {@code turns} ({@code role,
   * content}), or plain text.
   */
  List<String> samples();

  /** The turns of a query that is a conversation, for people; of another one none. */
  default List<Turn> turns(String query) {
    return List.of();
  }

  /**
   * What one side says.
   *
   * @param role such as {@code user}
   */
  record Turn(String role, String content) {}

  /** A query as the API shows it: its text and, if it is a conversation, its turns. */
  default Map<String, Object> shown(String query) {
    List<Turn> turns = turns(query);
    return turns.isEmpty() ? Map.of("text", query) : Map.of("text", query, "turns", turns);
  }

  /** A gateway without a run behind it. */
  static RunView none() {
    return new RunView() {
      @Override
      public String statusJson() {
        return "{}";
      }

      @Override
      public List<String> metricsSince(int line) {
        return List.of();
      }

      @Override
      public List<String> samples() {
        return List.of();
      }
    };
  }
}
