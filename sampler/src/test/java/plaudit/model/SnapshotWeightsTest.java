package plaudit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.snapshots.SnapshotFiles;

class SnapshotWeightsTest {

  @Test
  void weightsComeBackBitForBit(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("weights.safetensors");
    try (Weights weights = TinyModels.weights(TinySnapshots.CONFIG, true, 5)) {
      write(file, List.of(weights));
      try (Weights fixed = SnapshotWeights.read(file, weights.specs(), false, Compute.cpu(1));
          Weights trainable = SnapshotWeights.read(file, weights.specs(), true, Compute.cpu(1))) {
        for (int i = 0; i < weights.specs().size(); i++) {
          assertThat(fixed.copy(i)).isEqualTo(weights.copy(i));
          assertThat(trainable.copy(i)).isEqualTo(weights.copy(i));
        }
      }
    }
  }

  @Test
  void severalPartsLieInOneFileAndAStateHasNoGradient(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("weights.safetensors");
    try (Weights weights = TinyModels.weights(TinySnapshots.CONFIG, true, 5);
        Weights moments = weights.zerosLike("m.")) {
      write(file, List.of(weights, moments));
      try (Weights read = SnapshotWeights.readState(file, moments.specs(), Compute.cpu(1))) {
        assertThat(read.specs()).isEqualTo(moments.specs());
        assertThat(read.copy(0)).isEqualTo(moments.copy(0));
        assertThat(read.arrays()).noneMatch(array -> array.hasGradient());
      }
    }
  }

  @Test
  void aRewardFileTellsItsScale(@TempDir Path dir) {
    SnapshotFiles files = SnapshotFiles.in(dir);
    Path file = files.fetch(TinySnapshots.reward(files, 0));
    assertThat(RewardFile.scale(file))
        .isEqualTo(new RewardFile.Scale(TinySnapshots.GAIN, TinySnapshots.BIAS));
  }

  private static void write(Path file, List<Weights> parts) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      SnapshotWeights.write(channel, Map.of(), parts);
    }
  }
}
