package plaudit.parallel;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plaudit.input.InvalidInputException;
import plaudit.model.Dtype;
import plaudit.model.Safetensors;
import plaudit.model.SafetensorsWriter;
import plaudit.model.SafetensorsWriter.Entry;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.optim.TrainedNet;

/**
 * What is trained in some networks, or its gradient, as one file of F32 safetensors: written and
 * read tensor by tensor.
 */
public final class NetFiles {

  private NetFiles() {}

  /** Writes the trained weights. */
  public static void writeWeights(List<TrainedNet> nets, OutputStream out) throws IOException {
    SnapshotWeights.write(
        Channels.newChannel(out), Map.of(), nets.stream().map(TrainedNet::trained).toList());
  }

  /** Overwrites the trained weights with what {@link #open} opened for the same networks. */
  static void load(Safetensors tensors, List<TrainedNet> nets) {
    nets.forEach(net -> net.load(spec -> tensors.readF32(spec.name())));
  }

  /** Writes the accumulated gradients. */
  static void writeGradients(List<TrainedNet> nets, OutputStream out) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (TrainedNet net : nets) {
      List<TensorSpec> specs = net.trained().specs();
      for (int i = 0; i < specs.size(); i++) {
        int index = i;
        entries.add(new Entry(specs.get(i), Dtype.F32, () -> net.gradient(index)));
      }
    }
    SafetensorsWriter.write(out, Map.of(), entries);
  }

  /** Adds to the accumulated gradients what {@link #open} opened for the same networks. */
  static void addGradients(Safetensors tensors, List<TrainedNet> nets) {
    nets.forEach(net -> net.addGradients(spec -> tensors.readF32(spec.name())));
  }

  /** Opens a file with all that is trained in some networks; refuses that of others. */
  static Safetensors open(Path file, List<TrainedNet> nets) {
    Safetensors tensors = Safetensors.open(file);
    Set<TensorSpec> expected = new LinkedHashSet<>();
    nets.forEach(net -> expected.addAll(net.trained().specs()));
    Set<TensorSpec> found = new LinkedHashSet<>();
    tensors.names().forEach(name -> found.add(tensors.spec(name)));
    if (!found.equals(expected)) {
      throw InvalidInputException.of(
          file.toString(), found.size() + " tensors", "those of the networks that are trained");
    }
    return tensors;
  }
}
