package plaudit.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.Adapters;
import plaudit.optim.TrainedNet;
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
  private static final String BASE = "base.";

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

  static void write(Path directory, PolicyNets nets, PolicyState state) {
    Path target = directory.resolve("policy-" + state.version() + ".safetensors");
    Map<String, String> metadata = Map.of(STATE, StateJson.write(state, nets).toString());
    AtomicFile.write(
        target,
        channel ->
            nets.policy()
                .export(policy -> SnapshotWeights.write(channel, metadata, parts(policy, nets))));
    for (PolicyCheckpoint old : all(directory).stream().skip(KEPT).toList()) {
      try {
        Files.deleteIfExists(old.file());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + old.file(), e);
      }
    }
  }

  /** The policy as an ordinary net, then whatever else it takes to go on. */
  private static List<Weights> parts(Weights policy, PolicyNets nets) {
    List<Weights> parts = new ArrayList<>(List.of(policy));
    if (nets.policy().weights() != nets.policy().trained()) {
      parts.add(nets.policy().weights().named(BASE));
    }
    nets.value().ifPresent(value -> parts.add(value.net().weights()));
    for (TrainedNet net : nets.all()) {
      parts.addAll(List.of(net.firstMoment(), net.secondMoment()));
    }
    return parts;
  }

  PolicyState state(PolicySettings settings) {
    return StateJson.read(json(), settings, file);
  }

  /**
   * A network as it was.
   *
   * @param prefix before its weights' names: empty for the policy, or {@link #VALUE}
   */
  TrainedNet net(String prefix, ModelConfig config, AdamSettings adam, Compute compute) {
    List<TensorSpec> specs = prefixed(prefix, ScalarHead.VALUE.appendTo(Gpt2Layout.of(config)));
    return TrainedNet.resumed(
        config,
        SnapshotWeights.read(file, specs, true, compute),
        moments("m.", specs, compute),
        moments("v.", specs, compute),
        StateJson.optimizerSteps(json()),
        adam,
        compute);
  }

  /** A policy with adapters as it was. */
  TrainedNet adapted(Adapters adapters, AdamSettings adam, Compute compute) {
    List<TensorSpec> layout = ScalarHead.VALUE.appendTo(Gpt2Layout.of(adapters.config()));
    return TrainedNet.adapted(
        adapters,
        SnapshotWeights.readState(file, prefixed(BASE, layout), compute),
        SnapshotWeights.read(file, prefixed(BASE, adapters.trained()), true, compute),
        moments("m.", adapters.trained(), compute),
        moments("v.", adapters.trained(), compute),
        StateJson.optimizerSteps(json()),
        adam,
        compute);
  }

  private static List<TensorSpec> prefixed(String prefix, List<TensorSpec> specs) {
    return specs.stream().map(spec -> new TensorSpec(prefix + spec.name(), spec.shape())).toList();
  }

  private Weights moments(String prefix, List<TensorSpec> specs, Compute compute) {
    return SnapshotWeights.readState(file, prefixed(prefix, specs), compute);
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
