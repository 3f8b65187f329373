package plaudit.cli;

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
import plaudit.cli.Doctor.Finding;
import plaudit.cli.Doctor.Finding.Verdict;

class DoctorTest {

  private static final long GIB = 1L << 30;

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

  @Test
  void javaMustBe17() {
    assertThat(Doctor.java(17, "17.0.9").verdict()).isEqualTo(Verdict.OK);
    assertThat(Doctor.java(11, "11.0.2"))
        .isEqualTo(Finding.fail("java", "11.0.2 (expected: 17 or newer)"));
  }

  @Test
  void littleOfAThingIsAWarningAndTooLittleAFailure() {
    assertThat(Doctor.heap(GIB / 4).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Doctor.heap(GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Doctor.heap(2 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Doctor.memory(GIB).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Doctor.memory(4 * GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Doctor.memory(8 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Doctor.disk("/", GIB / 2).verdict()).isEqualTo(Verdict.FAIL);
    assertThat(Doctor.disk("/", 2 * GIB).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Doctor.disk("/", 9 * GIB).verdict()).isEqualTo(Verdict.OK);
    assertThat(Doctor.cores(1).verdict()).isEqualTo(Verdict.WARN);
    assertThat(Doctor.cores(2).verdict()).isEqualTo(Verdict.OK);
  }

  @Test
  void sizesAreReadable() {
    assertThat(Doctor.size(3 * GIB / 2)).isEqualTo("1.5 GiB");
    assertThat(Doctor.size(GIB / 2)).isEqualTo("512 MiB");
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
