package plaudit.deployment;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.cluster.NodeJvm;
import plaudit.endtoend.TinyModel;

/**
 * What {@code mvn package} leaves in {@code ops/cli/target/plaudit}: the same files that the image
 * and a machine with systemd have in {@code /opt/plaudit}.
 */
final class Installation {

  /** Where it lies once it is deployed. */
  static final String DEPLOYED = "/opt/plaudit";

  /** Where it lies here. */
  static final Path HERE =
      TinyModel.ROOT.resolve("ops/cli/target/plaudit").toAbsolutePath().normalize();

  private Installation() {}

  /** Skips the test that asks where there is none: {@code mvn test} makes none. */
  static void need() {
    assumeTrue(
        Files.isDirectory(HERE.resolve("lib")), "no ops/cli/target/plaudit: mvn package makes it");
  }

  /** What is in the environment of every process here. */
  static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("PLAUDIT_HEAP", "512m");
    environment.put("PLAUDIT_JAVA_OPTS", "-XX:TieredStopAtLevel=1");
    return environment;
  }

  /** Runs {@code bin/plaudit} with {@code arguments} in {@code directory}. */
  static NodeJvm run(Path directory, String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(HERE.resolve("bin/plaudit").toString()));
    command.addAll(List.of(arguments));
    return NodeJvm.command(directory, name, command, environment(), 0);
  }

  /** The list of strings that an instruction of the Dockerfile's last stage has. */
  static List<String> instruction(String name) throws IOException {
    String dockerfile = Files.readString(Manifest.DEPLOY.resolve("docker/Dockerfile"));
    Matcher matcher = Pattern.compile("(?m)^" + name + " (\\[.*])$").matcher(dockerfile);
    if (!matcher.find()) {
      throw new IllegalStateException("no " + name + " in the Dockerfile");
    }
    List<String> words = new ArrayList<>();
    Manifest.parse("words: " + matcher.group(1))
        .get(0)
        .get("words")
        .forEach(word -> words.add(word.asText()));
    return words;
  }
}
