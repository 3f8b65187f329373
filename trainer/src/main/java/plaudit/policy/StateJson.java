package plaudit.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.input.InvalidInputException;
import plaudit.policy.Tripwires.Verdict;

/** What a checkpoint keeps beside weights and moments, as JSON in the file's metadata. */
final class StateJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private StateJson() {}

  static ObjectNode write(PolicyState state, PolicyNets nets) {
    Tripwires wires = state.tripwires();
    ObjectNode tripwires =
        JSON.createObjectNode()
            .put("updates", wires.updates())
            .put("start_entropy", wires.startEntropy());
    tripwires.set("kl", JSON.valueToTree(wires.kl().values()));
    tripwires.set("entropy", JSON.valueToTree(wires.entropy().values()));
    tripwires.set("win_rate", JSON.valueToTree(wires.winRate().values()));
    ObjectNode json =
        JSON.createObjectNode()
            .put("version", state.version())
            .put("optimizer_steps", nets.policy().steps())
            .put("beta", state.kl().beta())
            .put("lora_rank", nets.loraRank())
            .put("value_network", nets.value().isPresent());
    json.set("tripwires", tripwires);
    return json;
  }

  /**
   * The state as it was.
   *
   * @throws InvalidInputException if the checkpoint is of a learner that changed other weights
   */
  static PolicyState read(JsonNode json, PolicySettings settings, Path file) {
    boolean separate = json.path("value_network").asBoolean();
    if (separate != settings.method().separateValue()) {
      throw InvalidInputException.of(
          "plaudit.policy.value-network",
          separate ? "shared" : "separate",
          (separate ? "separate" : "shared") + ", as in the checkpoint " + file);
    }
    int rank = json.path("lora_rank").asInt();
    if (rank != settings.method().lora().rank()) {
      throw InvalidInputException.of(
          "plaudit.policy.lora.rank",
          settings.method().lora().rank(),
          rank + ", as in the checkpoint " + file);
    }
    JsonNode wires = json.path("tripwires");
    Tripwires.Limits limits = settings.tripwires();
    return new PolicyState(
        json.path("version").asLong(),
        settings.klController().at(json.path("beta").asDouble()),
        new Tripwires(
            limits,
            wires.path("updates").asInt(),
            wires.path("start_entropy").asDouble(),
            window(limits, wires.path("kl")),
            window(limits, wires.path("entropy")),
            window(limits, wires.path("win_rate"))),
        new Verdict.GoOn());
  }

  static long optimizerSteps(JsonNode json) {
    return json.path("optimizer_steps").asLong();
  }

  private static Window window(Tripwires.Limits limits, JsonNode values) {
    List<Double> numbers = new ArrayList<>();
    values.forEach(value -> numbers.add(value.asDouble()));
    return new Window(limits.window(), numbers);
  }
}
