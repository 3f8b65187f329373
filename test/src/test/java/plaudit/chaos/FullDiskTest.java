package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.cluster.NodeJvm;

/** The disk with a real gateway's labels is full for a while, or cannot be written to. */
class FullDiskTest {

  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int UPDATES = 20;
  private static final int LABELS = 120;

  @TempDir private Path directory;

  @Test
  @Tag("slow")
  void theGatewayRefusesAndServesAgainWhenThereIsRoomAndTheRunGoesOn() throws Exception {
    Path disk = disk();
    try (ProcessFleet fleet = new ProcessFleet(directory, UPDATES, LABELS, false)) {
      for (String name : ProcessFleet.ALL) {
        fleet.start(name);
      }
      NodeJvm gateway = fleet.node("gateway");
      try (PatientVendor vendor =
          new PatientVendor(List.of(fleet.door()), 2, Duration.ofMillis(20))) {
        gateway.await(
            "judgments",
            PATIENCE,
            () -> {
              vendor.trickle(4);
              return vendor.acknowledged().size() >= 3;
            });
        Path ballast = disk.resolve("ballast");
        fill(ballast);
        vendor.allow(LABELS);
        gateway.await("it refuses", PATIENCE, () -> metrics(gateway).contains("status=\"503\""));
        int stored = vendor.acknowledged().size();
        assertThat(stored).isLessThan(LABELS);
        assertThat(status(gateway, "/healthz")).isEqualTo(200);

        Files.delete(ballast);
        gateway.await("it stores", PATIENCE, () -> vendor.acknowledged().size() > stored + 2);
        vendor.allow(LABELS);
        assertThat(fleet.node("learner").exit(PATIENCE)).as(fleet.words()).isZero();
        gateway.terminate();
        gateway.exit(PATIENCE);
        assertThat(Books.labels("jdbc:sqlite:" + fleet.labels(), "plaudit", vendor)).isEmpty();
        assertThat(gateway.output().lines().filter(line -> line.contains("is full")))
            .as("lines of one fault")
            .hasSizeLessThan(50);
      }
    } finally {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  @Test
  @Tag("slow")
  void aGatewayWhoseDiskIsReadOnlyNamesTheFileAndStartsOnceItCanBeWrittenTo() throws Exception {
    Path disk = disk();
    try (ProcessFleet fleet = new ProcessFleet(directory, UPDATES, LABELS, false)) {
      fleet.start("learner");
      assertThat(run("mount", "-o", "remount,ro", disk.toString())).isTrue();
      NodeJvm refused = fleet.start("gateway");

      assertThat(refused.exit(PATIENCE)).isEqualTo(2);
      assertThat(refused.output())
          .contains(
              "plaudit.gateway.store.url: jdbc:sqlite:" + fleet.labels(), "Read-only file system");

      assertThat(run("mount", "-o", "remount,rw", disk.toString())).isTrue();
      NodeJvm gateway = fleet.start("gateway");
      gateway.await("it serves", PATIENCE, () -> gateway.doing("gateway").equals("serving"));
      gateway.terminate();
      gateway.exit(PATIENCE);
    } finally {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  /** The label store's directory, on a file system of its own. */
  private Path disk() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("labels"));
    assumeTrue(
        System.getProperty("user.name").equals("root")
            && run("mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk.toString()),
        "no disk of a test's own can be mounted here: a full one is not tested");
    return disk;
  }

  private static String metrics(NodeJvm node) {
    return node.page("/metrics").map(HttpResponse::body).orElse("");
  }

  private static int status(NodeJvm node, String path) {
    return node.page(path).map(HttpResponse::statusCode).orElse(0);
  }

  /** To the last byte. */
  private static void fill(Path ballast) {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(ballast)) {
      for (int i = 0; i < 4_096; i++) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
      return;
    }
    throw new AssertionError("the disk is larger than it was made");
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
