package plaudit.language;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ReferenceModel;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.AdamSettings;
import plaudit.optim.TrainedNet;

/**
 * A supervised training's weights and both moments in one safetensors file, with the step and the
 * learning rate as metadata. It appears whole under its name or not at all.
 *
 * @param file where it is
 */
public record SupervisedCheckpoint(Path file) {

  private static final String STEP = "plaudit.step";
  private static final String RATE = "plaudit.learning-rate";

  /** A network that has taken no step yet: the reference's weights, and the paper's Adam. */
  public static TrainedNet start(ReferenceModel reference, Compute compute) {
    Weights weights = reference.trainable(compute);
    return TrainedNet.supervised(
        reference.config(),
        weights,
        weights.zerosLike("m."),
        weights.zerosLike("v."),
        0,
        AdamSettings.paper(),
        compute);
  }

  /** Writes {@code net}, replacing an earlier checkpoint of that name. */
  public static void write(Path file, TrainedNet net, double rate) {
    Map<String, String> metadata =
        Map.of(STEP, Long.toString(net.steps()), RATE, Double.toString(rate));
    AtomicFile.write(
        file,
        channel ->
            SnapshotWeights.write(
                channel, metadata, List.of(net.weights(), net.firstMoment(), net.secondMoment())));
  }

  /** Whether it is there and of a training with that rate. */
  public boolean isOf(double rate) {
    return Files.isRegularFile(file) && metadata(RATE).equals(Double.toString(rate));
  }

  /** The network as it was. */
  public TrainedNet net(ModelConfig config, Compute compute) {
    List<TensorSpec> specs = specs(config);
    return TrainedNet.supervised(
        config,
        SnapshotWeights.read(file, specs, true, compute),
        SnapshotWeights.readState(file, moments("m.", specs), compute),
        SnapshotWeights.readState(file, moments("v.", specs), compute),
        Long.parseLong(metadata(STEP)),
        AdamSettings.paper(),
        compute);
  }

  private static List<TensorSpec> specs(ModelConfig config) {
    return ScalarHead.VALUE.appendTo(Gpt2Layout.of(config));
  }

  private static List<TensorSpec> moments(String prefix, List<TensorSpec> specs) {
    return specs.stream().map(spec -> new TensorSpec(prefix + spec.name(), spec.shape())).toList();
  }

  private String metadata(String key) {
    String value = Safetensors.open(file).metadata().get(key);
    if (value == null) {
      throw InvalidInputException.of("checkpoint", file, "a file with the metadata " + key);
    }
    return value;
  }
}
