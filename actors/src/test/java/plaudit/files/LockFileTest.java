package plaudit.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LockFileTest {

  private final Path file;

  LockFileTest(@TempDir Path directory) {
    file = directory.resolve("lock");
  }

  /** The other process: says whether the lock is free there. */
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws IOException {
      System.exit(LockFile.isFree(Path.of(args[0])) ? 0 : 1);
    }
  }

  @Test
  void whoeverAsksInTheOwnersProcessIsRefusedAndTheLockHoldsForOthersAllTheSame() throws Exception {
    LockFile lock = LockFile.take(file).orElseThrow();

    assertThat(LockFile.take(file)).isEmpty();
    assertThat(LockFile.isFree(file)).isFalse();
    assertThat(LockFile.owner(file)).isEqualTo("process " + ProcessHandle.current().pid());
    assertThat(freeElsewhere()).isFalse();

    lock.close();
    lock.close();
    assertThat(LockFile.isFree(file)).isTrue();
    assertThat(freeElsewhere()).isTrue();
  }

  @Test
  void aFileIsTheSameByWhicheverWayItIsReached() throws Exception {
    Path link = file.resolveSibling("link");
    Files.createSymbolicLink(link, file.getParent());

    try (LockFile lock = LockFile.take(file).orElseThrow()) {
      assertThat(LockFile.take(link.resolve("lock"))).isEmpty();
    }
  }

  private boolean freeElsewhere() throws Exception {
    return new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                file.toString())
            .start()
            .waitFor()
        == 0;
  }
}
