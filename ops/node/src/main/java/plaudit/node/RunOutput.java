package plaudit.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Gpt2Layout;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardFile;
import plaudit.model.Safetensors;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.node.run.RunDirectory;
import plaudit.policy.PolicyCheckpoint;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/** The models a run leaves behind, as Hugging Face directories. */
public final class RunOutput {

  private final RunDirectory directory;
  private final RunInputs inputs;

  /** Writes into {@code directory}. */
  public RunOutput(RunDirectory directory, RunInputs inputs) {
    this.directory = directory;
    this.inputs = inputs;
  }

  /** The tuned policy, with its value head as an extra tensor. */
  public void writePolicy(PolicyCheckpoint checkpoint) {
    write(
        directory.policy(),
        checkpoint.file(),
        ScalarHead.VALUE.appendTo(List.of(first())).subList(1, 3));
  }

  /** The newest reward model, with its head and scale as extra tensors; false if there is none. */
  public boolean writeReward() {
    var newest = SnapshotFiles.in(directory.snapshots()).newest(Model.REWARD);
    newest.ifPresent(
        (Snapshot snapshot) -> {
          List<TensorSpec> extras =
              new ArrayList<>(ScalarHead.REWARD.appendTo(List.of(first())).subList(1, 3));
          extras.addAll(RewardFile.SCALE);
          write(directory.reward(), Path.of(snapshot.url()), extras);
        });
    return newest.isPresent();
  }

  /** The tuned policy as a net that samples; the caller closes it. */
  public TorchNet tuned(PolicyCheckpoint checkpoint, Compute compute) {
    Safetensors tensors = Safetensors.open(checkpoint.file());
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Gpt2Layout.of(inputs.reference().config()));
    return TorchNet.of(
        inputs.reference().config(),
        Weights.read(specs, spec -> tensors.readF32(spec.name()), false, compute),
        compute);
  }

  private TensorSpec first() {
    return Gpt2Layout.of(inputs.reference().config()).get(0);
  }

  private void write(Path target, Path weights, List<TensorSpec> extras) {
    Safetensors tensors = Safetensors.open(weights);
    List<ModelDirectory.Extra> added = new ArrayList<>();
    for (TensorSpec spec : extras) {
      ByteBuffer data = tensors.readF32(spec.name());
      added.add(new ModelDirectory.Extra(spec, data));
    }
    ModelDirectory.write(
        target,
        inputs.reference().config(),
        spec -> tensors.readF32(spec.name()),
        added,
        Dtype.F32,
        inputs.reference().directory().path());
  }

  /** The size of a file or of all files below a directory, in bytes; 0 if there is none. */
  static long bytes(Path path) {
    if (!Files.exists(path)) {
      return 0;
    }
    try (var files = Files.walk(path)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
