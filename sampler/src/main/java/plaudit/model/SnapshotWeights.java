package plaudit.model;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Weights as a snapshot file: F32 safetensors with the layout's own names, the scalar head and
 * whatever else a learner needs beside them.
 */
public final class SnapshotWeights {

  private SnapshotWeights() {}

  /** Reads the named tensors; read-only ones on the CPU are a view of the mapped file. */
  public static Weights read(
      Path file, List<TensorSpec> specs, boolean trainable, Compute compute) {
    Safetensors tensors = Safetensors.open(file);
    return Weights.read(specs, spec -> tensors.readF32(spec.name()), trainable, compute);
  }

  /** Reads tensors that change in place but have no gradient: an optimizer's state. */
  public static Weights readState(Path file, List<TensorSpec> specs, Compute compute) {
    Safetensors tensors = Safetensors.open(file);
    return Weights.copy(specs, spec -> tensors.readF32(spec.name()), compute);
  }

  /** Writes the weights of all {@code parts}, one after another. */
  public static void write(
      WritableByteChannel out, Map<String, String> metadata, List<Weights> parts)
      throws IOException {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (Weights part : parts) {
      for (int i = 0; i < part.specs().size(); i++) {
        int index = i;
        TensorSpec spec = part.specs().get(i);
        entries.add(new SafetensorsWriter.Entry(spec, Dtype.F32, () -> part.copy(index)));
      }
    }
    SafetensorsWriter.write(out, metadata, entries);
  }
}
