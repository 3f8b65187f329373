package plaudit.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import plaudit.language.BpeTrainer;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;

/** Random model directories with a vocabulary of their own: one layer, context 48. */
final class TinyScorerModel {

  static final float GAIN = 2;
  static final float BIAS = -1;

  private TinyScorerModel() {}

  /** A language model in {@code dir}. */
  static Path write(Path dir, long seed) {
    return write(dir, seed, List.of());
  }

  /** The same weights with a reward head, gain 2 and bias -1. */
  static Path writeReward(Path dir, long seed) {
    List<TensorSpec> layout = Layout.of(ModelConfig.gpt2(1, 2, 16, 48, 1));
    List<TensorSpec> extras =
        new ArrayList<>(
            ScalarHead.REWARD.appendTo(layout).subList(layout.size(), layout.size() + 2));
    extras.addAll(RewardFile.SCALE);
    return write(dir, seed, extras);
  }

  private static Path write(Path dir, long seed, List<TensorSpec> extras) {
    try {
      Path vocabulary =
          Files.createDirectory(dir.resolveSibling(dir.getFileName() + "-vocabulary"));
      BpeTrainer.train(
              List.of("the cat sat on the mat and the dog ran to the cat").iterator(),
              BpeTrainer.Settings.ofSize(300))
          .write(vocabulary);
      try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
        ModelConfig config = ModelConfig.gpt2(1, 2, 16, 48, tokenizer.vocabSize());
        Random random = new Random(seed);
        ModelDirectory.write(
            dir,
            config,
            spec -> numbers(spec, random),
            extras.stream()
                .map(spec -> new ModelDirectory.Extra(spec, numbers(spec, random)))
                .toList(),
            Dtype.F32,
            vocabulary);
      }
      return dir;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ByteBuffer numbers(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean norm = spec.name().matches(".*ln_\\w+\\.weight");
    for (long i = 0; i < spec.size(); i++) {
      float fixed = spec.equals(RewardFile.SCALE.get(0)) ? GAIN : BIAS;
      boolean scale = RewardFile.SCALE.contains(spec);
      bytes.putFloat(scale ? fixed : norm ? 1 : (float) (.3 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}
