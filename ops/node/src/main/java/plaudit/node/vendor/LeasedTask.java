package plaudit.node.vendor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A task on lease, as the gateway describes it. */
record LeasedTask(
    String leaseId,
    long epoch,
    String comparisonId,
    String query,
    List<String> choiceIds,
    List<String> choiceTexts,
    boolean allowsTie) {

  /** Reads a lease as the gateway lists it. */
  static LeasedTask from(JsonNode lease) {
    JsonNode task = lease.path("task");
    List<String> ids = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (JsonNode choice : task.path("choices")) {
      ids.add(choice.path("choiceId").asText());
      texts.add(choice.path("text").asText());
    }
    if (!lease.path("leaseId").isTextual() || ids.size() < 2) {
      throw new VendorException("lease: " + lease + " (expected: leaseId and two or more choices)");
    }
    boolean allowsTie = false;
    for (JsonNode verdict : task.path("allow")) {
      allowsTie |= verdict.asText().equals("TIE");
    }
    return new LeasedTask(
        lease.path("leaseId").asText(),
        lease.path("epoch").asLong(),
        task.path("comparisonId").asText(),
        task.path("query").path("text").asText(),
        List.copyOf(ids),
        List.copyOf(texts),
        allowsTie);
  }
}
