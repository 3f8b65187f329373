package plaudit.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.Adapters;
import plaudit.optim.Losses;
import plaudit.optim.Network;
import plaudit.policy.AlgorithmSettings.Lora;
import plaudit.policy.Tripwires.Verdict;
import plaudit.policy.Tripwires.Window;
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

  /** Stands before the names of a policy's frozen weights and its adapters. */
  public static final String BASE = "base.";

  private static final String STATE = "plaudit.state";
  private static final int KEPT = 2;

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
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Layout.of(config));
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

  /**
   * Writes the next checkpoint and deletes the oldest.
   *
   * @param optimizers with their networks, the policy's first
   */
  static void write(
      Path directory, AlgorithmSettings algorithm, List<Adam> optimizers, PolicyState state) {
    Path target = directory.resolve("policy-" + state.version() + ".safetensors");
    Map<String, String> metadata =
        Map.of(STATE, json(state, algorithm, optimizers.get(0).steps()).toString());
    AtomicFile.write(
        target,
        channel ->
            optimizers
                .get(0)
                .network()
                .export(
                    policy -> SnapshotWeights.write(channel, metadata, parts(policy, optimizers))));
    for (PolicyCheckpoint old : all(directory).stream().skip(KEPT).toList()) {
      try {
        Files.deleteIfExists(old.file());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + old.file(), e);
      }
    }
  }

  /** The policy as an ordinary network, then what else it takes to go on. */
  private static List<Weights> parts(Weights policy, List<Adam> optimizers) {
    List<Weights> parts = new ArrayList<>(List.of(policy));
    Network adapted = optimizers.get(0).network();
    if (adapted.weights() != adapted.trained()) {
      parts.add(adapted.weights().named(BASE));
    }
    optimizers.stream().skip(1).forEach(value -> parts.add(value.network().weights()));
    for (Adam optimizer : optimizers) {
      parts.addAll(List.of(optimizer.firstMoment(), optimizer.secondMoment()));
    }
    return parts;
  }

  /** The networks and their optimizers as they were, the policy's first. */
  List<Adam> optimizers(PolicySettings settings, ModelConfig config, Compute compute) {
    List<TensorSpec> layout = ScalarHead.VALUE.appendTo(Layout.of(config));
    Lora lora = settings.algorithm().lora();
    List<Adam> optimizers = new ArrayList<>();
    if (lora.on()) {
      Adapters adapters = lora.of(config);
      Weights base = SnapshotWeights.readState(file, prefixed(BASE, layout), compute);
      Weights trained =
          SnapshotWeights.read(file, prefixed(BASE, adapters.trained()), true, compute);
      Network policy = Network.adapted(adapters, base, trained, compute);
      optimizers.add(optimizer(policy, adapters.trained(), settings, compute));
    } else {
      optimizers.add(whole(layout, settings, config, compute));
    }
    if (settings.algorithm().separateValue()) {
      optimizers.add(whole(prefixed(VALUE, layout), settings, config, compute));
    }
    return optimizers;
  }

  private Adam whole(
      List<TensorSpec> specs, PolicySettings settings, ModelConfig config, Compute compute) {
    Weights weights = SnapshotWeights.read(file, specs, true, compute);
    return optimizer(Network.of(config, Losses.POLICY, weights, compute), specs, settings, compute);
  }

  private Adam optimizer(
      Network network, List<TensorSpec> trained, PolicySettings settings, Compute compute) {
    return Adam.resumed(
        network,
        settings.adam(),
        SnapshotWeights.readState(file, prefixed("m.", trained), compute),
        SnapshotWeights.readState(file, prefixed("v.", trained), compute),
        json().path("optimizer_steps").asLong());
  }

  private static List<TensorSpec> prefixed(String prefix, List<TensorSpec> specs) {
    return specs.stream().map(spec -> new TensorSpec(prefix + spec.name(), spec.shape())).toList();
  }

  private static ObjectNode json(PolicyState state, AlgorithmSettings algorithm, long steps) {
    Tripwires wires = state.tripwires();
    ObjectNode tripwires =
        JsonFiles.newObject()
            .put("updates", wires.updates())
            .put("start_entropy", wires.startEntropy());
    tripwires.set("kl", JsonFiles.MAPPER.valueToTree(wires.kl().values()));
    tripwires.set("entropy", JsonFiles.MAPPER.valueToTree(wires.entropy().values()));
    tripwires.set("win_rate", JsonFiles.MAPPER.valueToTree(wires.winRate().values()));
    ObjectNode json =
        JsonFiles.newObject()
            .put("version", state.version())
            .put("optimizer_steps", steps)
            .put("beta", state.kl().beta())
            .put("lora_rank", algorithm.lora().rank())
            .put("value_network", algorithm.separateValue());
    json.set("tripwires", tripwires);
    return json;
  }

  /**
   * The state as it was.
   *
   * @throws InvalidInputException if the checkpoint is of a learner that trained other weights
   */
  PolicyState state(PolicySettings settings) {
    JsonNode json = json();
    boolean separate = json.path("value_network").asBoolean();
    if (separate != settings.algorithm().separateValue()) {
      throw InvalidInputException.of(
          "plaudit.policy.value-network",
          separate ? "shared" : "separate",
          (separate ? "separate" : "shared") + ", as in the checkpoint " + file);
    }
    int rank = json.path("lora_rank").asInt();
    if (rank != settings.algorithm().lora().rank()) {
      throw InvalidInputException.of(
          "plaudit.policy.lora.rank",
          settings.algorithm().lora().rank(),
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

  private static Window window(Tripwires.Limits limits, JsonNode values) {
    List<Double> numbers = new ArrayList<>();
    values.forEach(value -> numbers.add(value.asDouble()));
    return new Window(limits.window(), numbers);
  }

  private JsonNode json() {
    String text = Safetensors.open(file).metadata().get(STATE);
    if (text == null) {
      throw InvalidInputException.of("checkpoint", file, "a file with the metadata " + STATE);
    }
    return JsonFiles.parseObject(text, file.toString());
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
