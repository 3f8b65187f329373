package plaudit.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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

  static WeightFiles open(Path dir) {
    if (Files.isRegularFile(dir.resolve(ONE))) {
      Safetensors file = Safetensors.open(dir.resolve(ONE));
      Map<String, Safetensors> owners = new LinkedHashMap<>();
      file.names().forEach(name -> owners.put(name, file));
      return new WeightFiles(dir, owners);
    }
    if (Files.isRegularFile(dir.resolve(INDEX))) {
      return openSharded(dir);
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
              Safetensors file = shards.computeIfAbsent(shardName, name -> Safetensors.open(shard));
              if (!file.names().contains(entry.getKey())) {
                throw new InvalidInputException(
                    "%s: %s is not in %s".formatted(index, entry.getKey(), shardName));
              }
              owners.put(entry.getKey(), file);
            });
    return new WeightFiles(dir, owners);
  }
}
