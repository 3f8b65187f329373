package plaudit.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cli.doctor.Finding.Verdict;

class DoctorTest {

  private Path dir;

  @BeforeEach
  void nameTheDirectory(@TempDir Path temporary) {
    dir = temporary;
  }

  @Test
  void everythingARunNeedsIsLookedAt() throws IOException {
    assertThat(examine(dir, freePort(), () -> "Engine 1"))
        .extracting(Finding::what)
        .contains("java", "heap", "memory", "cores", "disk", "runs", "engine");
  }

  @Test
  void aPortInUseIsAFailure() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(examine(dir, taken.getLocalPort(), () -> "Engine 1"))
          .filteredOn(f -> f.verdict() == Verdict.FAIL)
          .extracting(Finding::what)
          .containsExactly("port " + taken.getLocalPort());
    }
  }

  @Test
  void aLibraryThatDoesNotLoadIsAFindingAndNoCrash() throws IOException {
    Callable<String> broken =
        () -> {
          throw new UnsatisfiedLinkError("libtorch.so: wrong ELF class");
        };

    assertThat(examine(dir, freePort(), broken))
        .filteredOn(f -> f.verdict() == Verdict.FAIL)
        .singleElement()
        .satisfies(f -> assertThat(f.detail()).contains("libtorch.so: wrong ELF class"));
  }

  @Test
  void aDirectoryThatCannotBeWrittenIsAFailure() throws IOException {
    assertThat(examine(dir.resolve("none"), freePort(), () -> "Engine 1"))
        .filteredOn(f -> f.verdict() == Verdict.FAIL)
        .extracting(Finding::what)
        .containsExactly("disk", "runs");
  }

  private static List<Finding> examine(Path where, int port, Callable<String> engine) {
    return new Doctor(where, port, engine).examine();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
