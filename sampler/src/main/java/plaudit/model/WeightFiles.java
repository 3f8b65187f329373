package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * The tensors of a directory, whether they lie in one file or in several with an index.
 *
 * @param dir for messages
 * @param owners the file that holds each tensor, by its stored name
 */
record WeightFiles(Path dir, Map<String, Safetensors> owners) {

  static final String ONE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  /** What Hugging Face wants to be told of a file. */
  static final Map<String, String> PYTORCH = Map.of("format", "pt");

  private static final List<String> PICKLED =
      List.of("pytorch_model.bin", "pytorch_model.bin.index.json", "consolidated.00.pth");

  /** Tensors beyond the layout, apart from the weights where other programs would refuse them. */
  static final String HEADS = "heads.safetensors";

  static WeightFiles open(Path dir) {
    WeightFiles weights = openWeights(dir);
    if (Files.isRegularFile(dir.resolve(HEADS))) {
      Safetensors heads = Safetensors.copying(dir.resolve(HEADS));
      heads.names().forEach(name -> weights.owners.putIfAbsent(name, heads));
    }
    return weights;
  }

  /**
   * Writes the weights of a directory, in one file or, beyond {@code shardBytes}, in several with
   * an index, as Hugging Face names them.
   *
   * @param shardBytes a file ends before the tensor that would make it larger; 0 for one file
   */
  static void write(Path dir, List<SafetensorsWriter.Entry> entries, long shardBytes) {
    List<List<SafetensorsWriter.Entry>> shards = new ArrayList<>();
    long total = 0;
    long last = 0;
    for (SafetensorsWriter.Entry entry : entries) {
      if (shards.isEmpty() || (shardBytes > 0 && last + entry.bytes() > shardBytes && last > 0)) {
        shards.add(new ArrayList<>());
        last = 0;
      }
      shards.get(shards.size() - 1).add(entry);
      last += entry.bytes();
      total += entry.bytes();
    }
    if (shards.size() == 1) {
      SafetensorsWriter.write(dir.resolve(ONE), PYTORCH, entries);
      return;
    }
    ObjectNode index = JsonFiles.newObject();
    index.putObject("metadata").put("total_size", total);
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      SafetensorsWriter.write(dir.resolve(name), PYTORCH, shards.get(i));
      shards.get(i).forEach(entry -> map.put(entry.spec().name(), name));
    }
    AtomicFile.write(dir.resolve(INDEX), JsonFiles.indented(index));
  }

  private static WeightFiles openWeights(Path dir) {
    if (Files.isRegularFile(dir.resolve(ONE))) {
      Safetensors file = Safetensors.copying(dir.resolve(ONE));
      Map<String, Safetensors> owners = new LinkedHashMap<>();
      file.names().forEach(name -> owners.put(name, file));
      return new WeightFiles(dir, owners);
    }
    if (Files.isRegularFile(dir.resolve(INDEX))) {
      return openSharded(dir);
    }
    for (String pickled : PICKLED) {
      if (Files.exists(dir.resolve(pickled))) {
        throw InvalidInputException.of(
            "weights of " + dir,
            pickled,
            ONE
                + ", since reading a pickle would run its code; transformers' from_pretrained and"
                + " save_pretrained convert it");
      }
    }
    throw InvalidInputException.of("weights of " + dir, "none", ONE + " or " + INDEX);
  }

  private static WeightFiles openSharded(Path dir) {
    Path index = dir.resolve(INDEX);
    JsonNode map = JsonFiles.readObject(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw InvalidInputException.of(index + ": weight_map", map, "tensor names with their files");
    }
    Map<String, Safetensors> shards = new LinkedHashMap<>();
    Map<String, Safetensors> owners = new LinkedHashMap<>();
    map.properties()
        .forEach(
            entry -> {
              String shardName = entry.getValue().asText();
              Path shard = dir.resolve(shardName);
              if (!dir.equals(shard.getParent())) {
                throw InvalidInputException.of(
                    index + ": " + entry.getKey(), entry.getValue(), "a file of that directory");
              }
              Safetensors file =
                  shards.computeIfAbsent(shardName, name -> Safetensors.copying(shard));
              if (!file.names().contains(entry.getKey())) {
                throw new InvalidInputException(
                    "%s: %s is not in %s".formatted(index, entry.getKey(), shardName));
              }
              owners.put(entry.getKey(), file);
            });
    return new WeightFiles(dir, owners);
  }
}
