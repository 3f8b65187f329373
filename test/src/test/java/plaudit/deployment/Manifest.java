package plaudit.deployment;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import plaudit.endtoend.TinyModel;

/**
 * One Kubernetes object of {@code ops/deploy/kubernetes}.
 *
 * @param file it stands in
 * @param object what is written there
 */
record Manifest(String file, JsonNode object) {

  /** Where the deployment files are. */
  static final Path DEPLOY = TinyModel.ROOT.resolve("ops/deploy");

  static final Path KUBERNETES = DEPLOY.resolve("kubernetes");

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /** What {@code kustomization.yaml} says. */
  static JsonNode kustomization() {
    return documents(KUBERNETES.resolve("kustomization.yaml")).get(0);
  }

  /** All objects, of the kustomization's files and of the examples. */
  static List<Manifest> all() {
    List<Manifest> all = new ArrayList<>();
    Stream<String> resources =
        StreamSupport.stream(kustomization().get("resources").spliterator(), false)
            .map(JsonNode::asText);
    Stream.concat(
            resources,
            Stream.of("secret.example.yaml", "ingress.example.yaml", "lease.example.yaml"))
        .forEach(
            file ->
                documents(KUBERNETES.resolve(file))
                    .forEach(object -> all.add(new Manifest(file, object))));
    return all;
  }

  /** Every document of a YAML file. */
  static List<JsonNode> documents(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file.toString(), e);
    }
  }

  static List<JsonNode> parse(String yaml) throws IOException {
    try (MappingIterator<JsonNode> values = YAML.readerFor(JsonNode.class).readValues(yaml)) {
      return values.readAll();
    }
  }

  String kind() {
    return object.path("kind").asText();
  }

  String name() {
    return object.at("/metadata/name").asText();
  }

  /** The template of the pods that this object makes; missing if it makes none. */
  JsonNode pod() {
    return object.at("/spec/template");
  }

  /** The only container of its pods. */
  JsonNode container() {
    return pod().at("/spec/containers/0");
  }

  @Override
  public String toString() {
    return file + ": " + kind() + " " + name();
  }
}
