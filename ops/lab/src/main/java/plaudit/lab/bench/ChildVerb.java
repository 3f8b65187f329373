package plaudit.lab.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plaudit.input.InvalidInputException;

/**
 * Runs a verb in a JVM of its own, with this one's options: compiled code and memory of an earlier
 * run have no effect on it.
 */
final class ChildVerb {

  private static final String MAIN = "plaudit.cli.Main";

  private static final int WRONG_SETTINGS = 2;

  private ChildVerb() {}

  /**
   * Runs to the end.
   *
   * @param log takes its standard error
   * @return its standard output
   * @throws InvalidInputException if its settings are wrong, with its last message
   * @throws IllegalStateException if it failed otherwise
   */
  static String run(List<String> arguments, Path log) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("-X") || option.startsWith("-D"))
        .filter(option -> !option.startsWith("-Dplaudit.terminal"))
        .forEach(command::add);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit == WRONG_SETTINGS) {
        throw new InvalidInputException(lastMessage(log));
      }
      if (exit != 0) {
        throw new IllegalStateException(
            "plaudit %s ended with %d, see %s".formatted(String.join(" ", arguments), exit, log));
      }
      return out;
    } finally {
      process.destroy();
    }
  }

  private static String lastMessage(Path log) throws IOException {
    String words = Files.readString(log).strip();
    return words.substring(words.lastIndexOf('\n') + 1).replaceFirst("^plaudit: ", "");
  }
}
