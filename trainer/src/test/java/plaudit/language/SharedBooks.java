package plaudit.language;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Public data that may lie beside the checkout; tests that need it are skipped without it. */
final class SharedBooks {

  private SharedBooks() {}

  /** A folder of that data, or the end of the test. */
  static Path require(String folder) {
    Path root = Path.of(System.getProperty("plaudit.root", "")).toAbsolutePath();
    Path dir = root.resolveSibling("shared").resolve("data").resolve(folder);
    assumeTrue(Files.isDirectory(dir), () -> "skipped: no folder " + dir);
    return dir;
  }
}
