package plaudit.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.TrainedNet;
import plaudit.policy.Tripwires.Verdict;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * A finished checkpoint of the policy learner: one safetensors file with weights, both moments and
 * the rest of the state as metadata. It appears whole under its name or not at all; the newest two
 * are kept.
 *
 * @param file where it is
 */
public record PolicyCheckpoint(Path file) {

  /** Stands before the names of a value network's own weights. */
  static final String VALUE = "value.";

  private static final String STATE = "plaudit.state";
  private static final int KEPT = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The newest one in a directory. */
  public static Optional<PolicyCheckpoint> newest(Path directory) {
    return all(directory).stream().findFirst();
  }

  /** The version it was taken at. */
  public long version() {
    return versionOf(file);
  }

  /** Writes the checkpoint's weights as the snapshot of their version once more. */
  public Snapshot republish(ModelConfig config, SnapshotFiles files) {
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
    try (Weights weights = SnapshotWeights.read(file, specs, false, Compute.cpu(1))) {
      return files.write(
          Model.POLICY,
          version(),
          version() - 1,
          List.of(),
          out ->
              SnapshotWeights.write(
                  Channels.newChannel(out),
                  Map.of("version", Long.toString(version())),
                  List.of(weights)));
    }
  }

  static void write(Path directory, PolicyNets nets, PolicyState state) throws IOException {
    Files.createDirectories(directory);
    Path target = directory.resolve("policy-" + state.version() + ".safetensors");
    Path unfinished = directory.resolve(target.getFileName() + ".tmp");
    ObjectNode json =
        JSON.createObjectNode()
            .put("version", state.version())
            .put("optimizer_steps", nets.policy().steps())
            .put("beta", state.kl().beta())
            .set("tripwires", wires(state.tripwires()));
    List<Weights> parts = new ArrayList<>();
    for (TrainedNet net : nets.all()) {
      parts.addAll(List.of(net.weights(), net.firstMoment(), net.secondMoment()));
    }
    try (FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      SnapshotWeights.write(channel, Map.of(STATE, JSON.writeValueAsString(json)), parts);
      channel.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    Files.move(
        unfinished, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    for (PolicyCheckpoint old : all(directory).stream().skip(KEPT).toList()) {
      Files.deleteIfExists(old.file());
    }
  }

  PolicyState state(PpoSettings settings) {
    JsonNode json = json();
    return new PolicyState(
        json.path("version").asLong(),
        settings.klController().at(json.path("beta").asDouble()),
        wires(settings.tripwires(), json.path("tripwires")),
        new Verdict.GoOn());
  }

  private static ObjectNode wires(Tripwires wires) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("updates", wires.updates())
            .put("start_entropy", wires.startEntropy());
    json.set("kl", JSON.valueToTree(wires.kl().values()));
    json.set("entropy", JSON.valueToTree(wires.entropy().values()));
    json.set("win_rate", JSON.valueToTree(wires.winRate().values()));
    return json;
  }

  private static Tripwires wires(Tripwires.Limits limits, JsonNode json) {
    return new Tripwires(
        limits,
        json.path("updates").asInt(),
        json.path("start_entropy").asDouble(),
        window(limits, json.path("kl")),
        window(limits, json.path("entropy")),
        window(limits, json.path("win_rate")));
  }

  private static Window window(Tripwires.Limits limits, JsonNode values) {
    List<Double> numbers = new ArrayList<>();
    values.forEach(value -> numbers.add(value.asDouble()));
    return new Window(limits.window(), numbers);
  }

  /**
   * A network as it was.
   *
   * @param prefix before its weights' names: empty for the policy, or {@link #VALUE}
   */
  TrainedNet net(String prefix, ModelConfig config, AdamSettings adam, Compute compute) {
    List<TensorSpec> specs =
        ScalarHead.VALUE.appendTo(Gpt2Layout.of(config)).stream()
            .map(spec -> new TensorSpec(prefix + spec.name(), spec.shape()))
            .toList();
    return TrainedNet.resumed(
        config,
        SnapshotWeights.read(file, specs, true, compute),
        moments("m.", specs, compute),
        moments("v.", specs, compute),
        json().path("optimizer_steps").asLong(),
        adam,
        compute);
  }

  private Weights moments(String prefix, List<TensorSpec> specs, Compute compute) {
    List<TensorSpec> named = new ArrayList<>();
    for (TensorSpec spec : specs) {
      named.add(new TensorSpec(prefix + spec.name(), spec.shape()));
    }
    return SnapshotWeights.readState(file, named, compute);
  }

  private JsonNode json() {
    String text = Safetensors.open(file).metadata().get(STATE);
    if (text == null) {
      throw InvalidInputException.of("checkpoint", file, "a file with the metadata " + STATE);
    }
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<PolicyCheckpoint> all(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("policy-\\d+\\.safetensors"))
          .sorted(Comparator.comparingLong(PolicyCheckpoint::versionOf).reversed())
          .map(PolicyCheckpoint::new)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long versionOf(Path file) {
    return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
  }
}
