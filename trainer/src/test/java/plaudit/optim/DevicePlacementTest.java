package plaudit.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every tensor that a TorchScript text makes out of nothing is made on the device of another one,
 * so that a role computes where its {@code device} says. The text is read, since machines without a
 * GPU have one device only.
 */
class DevicePlacementTest {

  private static final Path ROOT = Path.of(System.getProperty("plaudit.root"));
  private static final Pattern FACTORY =
      Pattern.compile(
          "torch\\.(zeros|ones|full|empty|arange|tensor|eye|linspace|rand|randn|scalar_tensor)\\(.*");

  @Test
  void whatIsMadeOutOfNothingNamesTheDeviceOfAnother() throws Exception {
    List<String> made =
        texts().flatMap(DevicePlacementTest::lines).flatMap(DevicePlacementTest::made).toList();

    assertThat(made).hasSizeGreaterThan(3);
    assertThat(made).allSatisfy(call -> assertThat(call).containsPattern("device=\\w+\\.device"));
  }

  private static Stream<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    for (String module : List.of("sampler", "trainer")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/resources"))) {
        files.filter(file -> file.toString().endsWith(".py")).forEach(texts::add);
      }
    }
    assertThat(texts).hasSizeGreaterThan(5);
    return texts.stream();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> !line.strip().startsWith("#"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Stream<String> made(String line) {
    return FACTORY.matcher(line).results().map(MatchResult::group);
  }
}
