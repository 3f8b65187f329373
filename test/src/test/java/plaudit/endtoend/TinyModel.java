package plaudit.endtoend;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import plaudit.language.BpeTrainer;
import plaudit.language.BpeVocabulary;
import plaudit.model.Dtype;
import plaudit.model.ModelConfig;
import plaudit.model.ModelDirectory;
import plaudit.model.TensorSpec;
import plaudit.model.Tokenizer;

/** A model of one layer with random weights, and a run small enough for a test. */
public final class TinyModel {

  /** The project's root. */
  public static final Path ROOT = Path.of(System.getProperty("plaudit.root", ".."));

  private TinyModel() {}

  /** Makes the model below {@code directory}; answers where it is. */
  public static Path in(Path directory) throws IOException {
    Path vocabulary = Files.createDirectory(directory.resolve("vocabulary"));
    List<String> texts = Files.readAllLines(ROOT.resolve("ops/data/openings/prompts.txt"));
    BpeVocabulary learnt = BpeTrainer.train(texts.iterator(), BpeTrainer.Settings.ofSize(400));
    learnt.write(vocabulary);
    writeLexicon(directory, texts);
    Path model = directory.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.open(vocabulary)) {
      ModelConfig config = ModelConfig.gpt2(1, 2, 16, 96, tokenizer.vocabSize());
      Random random = new Random(5);
      ModelDirectory.write(
          model, config, spec -> random(spec, random), List.of(), Dtype.F32, vocabulary);
    }
    return model;
  }

  /**
   * Settings of a tiny run, for the preset {@code quickstart}.
   *
   * @param directory that has the runs
   */
  public static List<String> run(Path model, Path directory, int updates) {
    return List.of(
        "run.model=\"" + model + "\"",
        "run.data=\"" + ROOT.resolve("ops/data/openings") + "\"",
        "run.directory=\"" + directory.resolve("runs") + "\"",
        "run.free-space=1 MiB",
        "vendor.lexicon=\"" + lexicon(directory) + "\"",
        "vendor.latency=1ms",
        "gateway.port=0",
        "task.query-length=24",
        "task.response-length=8",
        "task.truncate-token=\"\"",
        "task.truncate-after=0",
        "policy.batch=8",
        "policy.updates=" + updates,
        "experience.grant-prompts=4",
        "experience.question-prompts=4",
        "experience.question-responses=4",
        "reward.normalise.samples=16",
        "reward.labels.before-start=8",
        "reward.labels.total=16",
        "reward.labels.outstanding=16",
        "reward.labels.retrainings=1",
        "reward.labels.divisions=2");
  }

  /**
   * What people like, made with the model: letters and short words. The scraps that random weights
   * write hardly ever have a word that people feel anything about, and who sees none is undecided.
   */
  public static Path lexicon(Path directory) {
    return directory.resolve("lexicon.tsv");
  }

  private static void writeLexicon(Path directory, List<String> texts) throws IOException {
    Stream<String> letters = IntStream.rangeClosed('a', 'z').mapToObj(Character::toString);
    Stream<String> words = texts.stream().flatMap(text -> Stream.of(text.split("[^a-z]+")));
    Files.write(
        lexicon(directory),
        Stream.concat(letters, words.filter(word -> word.length() == 2 || word.length() == 3))
            .distinct()
            .map(word -> word + "\t" + (Math.floorMod(word.hashCode(), 2) == 0 ? 2 : -2))
            .toList());
  }

  private static ByteBuffer random(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    boolean norm = spec.name().matches(".*ln_\\w+\\.weight");
    for (long i = 0; i < spec.size(); i++) {
      bytes.putFloat(norm ? 1 : (float) (0.1 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}
