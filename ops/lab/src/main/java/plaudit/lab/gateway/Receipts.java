package plaudit.lab.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything that a gateway has acknowledged, in the order in which it was heard. */
final class Receipts {

  /**
   * An acknowledged judgment.
   *
   * @param hash the gateway's content hash: who chose what of which comparison in which revision
   */
  record Judged(String id, String vendor, String labeler, String hash) {}

  private final List<Judged> judgments = new ArrayList<>();
  private final List<String> leases = new ArrayList<>();

  /** How much had been heard at a moment. */
  record Mark(int judgments, int leases) {}

  /** A judgment was acknowledged. */
  synchronized void judged(String vendor, JsonNode judgment) {
    judgments.add(
        new Judged(
            judgment.path("judgmentId").asText(),
            vendor,
            judgment.path("labelerId").asText(),
            judgment.path("contentHash").asText()));
  }

  /** A lease was granted. */
  synchronized void leased(String lease) {
    leases.add(lease);
  }

  synchronized Mark mark() {
    return new Mark(judgments.size(), leases.size());
  }

  /** Judgments up to a mark by their id; the same one may have been acknowledged several times. */
  synchronized Map<String, Judged> judgments(Mark upTo) {
    Map<String, Judged> byId = new HashMap<>();
    judgments.subList(0, upTo.judgments).forEach(judged -> byId.put(judged.id, judged));
    return byId;
  }

  /** Leases up to a mark. */
  synchronized List<String> leases(Mark upTo) {
    return List.copyOf(leases.subList(0, upTo.leases));
  }
}
