package plaudit.language;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ReferenceModel;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.Weights;
import plaudit.optim.Adam;
import plaudit.optim.AdamSettings;
import plaudit.optim.Losses;
import plaudit.optim.Network;

/**
 * A language training's weights and both moments in one safetensors file, with the step and the
 * training's settings as metadata. It appears whole under its name or not at all.
 *
 * @param file where it is
 */
public record SupervisedCheckpoint(Path file) {

  private static final String STEP = "plaudit.step";
  private static final String TRAINING = "plaudit.training";

  /** A network that has taken no step yet: the reference's weights, and the paper's Adam. */
  public static Adam start(ReferenceModel reference, Compute compute) {
    return Adam.fresh(
        Network.of(reference.config(), Losses.SUPERVISED, reference.trainable(compute), compute),
        AdamSettings.paper());
  }

  /**
   * Writes an optimizer and its network, replacing an earlier checkpoint.
   *
   * @param training what {@link #isOf} knows it by
   */
  public void write(Adam optimizer, String training) {
    Map<String, String> metadata =
        Map.of(STEP, Long.toString(optimizer.steps()), TRAINING, training);
    AtomicFile.write(
        file,
        channel ->
            SnapshotWeights.write(
                channel,
                metadata,
                List.of(
                    optimizer.network().weights(),
                    optimizer.firstMoment(),
                    optimizer.secondMoment())));
  }

  /** Whether it is there and of that training. */
  public boolean isOf(String training) {
    return Files.isRegularFile(file) && metadata(TRAINING).equals(training);
  }

  /** The network and its optimizer as they were. */
  public Adam resume(ModelConfig config, Losses losses, AdamSettings settings, Compute compute) {
    List<TensorSpec> specs = specs(config);
    Weights weights = SnapshotWeights.read(file, specs, true, compute);
    return Adam.resumed(
        Network.of(config, losses, weights, compute),
        settings,
        SnapshotWeights.readState(file, moments("m.", specs), compute),
        SnapshotWeights.readState(file, moments("v.", specs), compute),
        Long.parseLong(metadata(STEP)));
  }

  private static List<TensorSpec> specs(ModelConfig config) {
    return ScalarHead.VALUE.appendTo(Layout.of(config));
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
