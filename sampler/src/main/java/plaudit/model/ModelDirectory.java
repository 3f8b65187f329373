package plaudit.model;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.FileTree;
import plaudit.files.Sha256;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;
import plaudit.model.ModelConfig.SpecialTokens;

/**
 * A model as a Hugging Face directory: {@code config.json}, the weights in {@code
 * model.safetensors} or in shards with an index, and the tokenizer.
 *
 * <p>Names are taken under whatever prefix most of them have ({@link StoredNames}). Every weight of
 * the layout must be there in its shape. Tensors the layout does not know are {@link #ignored()}
 * but can be had by name, which is how scalar heads travel; of layers there may be no others, since
 * the model would compute something else.
 *
 * <p>A tied model's stored head is ignored even if it differs from the token embedding: Hugging
 * Face ties after loading, so the embedding wins there, too. Where only the head is stored it is
 * the embedding. An untied model must store its head.
 */
public final class ModelDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(ModelDirectory.class);

  private static final int DIGEST_DIGITS = 16;
  private static final String GENERATION = "generation_config.json";
  private static final String END_IDS = "eos_token_id";

  private final Path dir;
  private final ModelConfig config;
  private final Map<String, Safetensors> owners;
  private final StoredNames names;

  private ModelDirectory(
      Path dir, ModelConfig config, Map<String, Safetensors> owners, StoredNames names) {
    this.dir = dir;
    this.config = config;
    this.owners = owners;
    this.names = names;
  }

  /** Opens {@code dir} and checks configuration and weights against each other. */
  public static ModelDirectory open(Path dir) {
    if (!Files.isDirectory(dir)) {
      throw new InvalidInputException("model: " + dir + " (expected: a directory)");
    }
    ModelConfig config = ModelConfig.read(dir.resolve(ModelConfig.FILE));
    ModelConfig whole = config.with(tokens(dir, config));
    Map<String, Safetensors> owners = WeightFiles.open(dir).owners();
    StoredNames names = StoredNames.find(whole, owners.keySet(), dir);
    var directory = new ModelDirectory(dir, whole, owners, names);
    Layout.of(whole).forEach(directory::checkShape);
    String outer = names.outer(whole.family());
    if (!outer.isEmpty()) {
      LOG.warn("{}: tensor names begin with {}, which is left out", dir, outer);
    }
    return directory;
  }

  /** The tokens that end a text, and the ids for which there is no token. */
  private static SpecialTokens tokens(Path dir, ModelConfig config) {
    Set<Integer> ends = new LinkedHashSet<>(config.tokens().ends());
    Path generation = dir.resolve(GENERATION);
    if (Files.isRegularFile(generation)) {
      JsonNode ids = JsonFiles.readObject(generation).path(END_IDS);
      if (!ids.isMissingNode() && !ids.isNull()) {
        ends.addAll(ConfigFile.tokenIds(ids, generation + ": " + END_IDS));
      }
    }
    return new SpecialTokens(
        config.tokens().begin(), List.copyOf(ends), unknown(dir, config.vocabulary()));
  }

  private static List<ModelConfig.Ids> unknown(Path dir, int vocabulary) {
    if (!TokenizerFiles.isIn(dir)) {
      return List.of();
    }
    BitSet known = new BitSet();
    Tokenizer.idsOf(TokenizerFiles.read(dir)).values().forEach(known::set);
    List<ModelConfig.Ids> unknown = new ArrayList<>();
    int from = known.nextClearBit(0);
    while (from < vocabulary) {
      int next = known.nextSetBit(from);
      int end = next < 0 ? vocabulary : Math.min(next, vocabulary);
      unknown.add(new ModelConfig.Ids(from, end));
      from = known.nextClearBit(end);
    }
    return unknown;
  }

  /** Where it lies. */
  public Path path() {
    return dir;
  }

  /** The shape of the model. */
  public ModelConfig config() {
    return config;
  }

  /** Tensors that are not part of the model, without the prefix. */
  public List<String> ignored() {
    return List.copyOf(names.extras().keySet());
  }

  /**
   * The first 16 digits of the SHA-256 of what makes the model: {@code weights} (the files read
   * through), {@code config} (its shape) and {@code tokenizer}.
   */
  public Map<String, String> digests() {
    Map<String, String> digests = new LinkedHashMap<>();
    digests.put("weights", weightsDigest());
    digests.put("config", start(Sha256.of(config.toString())));
    digests.put("tokenizer", start(Sha256.of(TokenizerFiles.read(dir).toString())));
    return digests;
  }

  private String weightsDigest() {
    try {
      StringBuilder files = new StringBuilder();
      for (Path file :
          owners.values().stream().map(Safetensors::file).distinct().sorted().toList()) {
        files.append(Sha256.of(file));
      }
      return start(files.length() == 64 ? files.toString() : Sha256.of(files.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the weights of " + dir, e);
    }
  }

  private static String start(String sha256) {
    return sha256.substring(0, DIGEST_DIGITS);
  }

  /** The numbers of a weight of the layout, as {@link Safetensors#readF32} has them. */
  public ByteBuffer weight(TensorSpec spec) {
    String stored = requireNonNull(names.stored().get(spec.name()), spec.name());
    return owner(stored).readF32(stored);
  }

  /** A tensor beyond the layout, such as {@code value_head.weight}, by its exact name. */
  public Optional<Extra> extra(String name) {
    return Optional.ofNullable(names.extras().get(name))
        .map(
            stored ->
                new Extra(
                    new TensorSpec(name, owner(stored).spec(stored).shape()),
                    owner(stored).readF32(stored)));
  }

  /** Opens the tokenizer and checks that the model has room for its ids. */
  public Tokenizer openTokenizer() {
    Tokenizer tokenizer = Tokenizer.open(dir);
    try {
      tokenizer.checkAgainst(config);
      return tokenizer;
    } catch (InvalidInputException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** A tensor beyond the layout: its name and shape, and its numbers as little-endian F32. */
  public record Extra(TensorSpec spec, ByteBuffer data) {}

  /**
   * Writes a directory that Hugging Face loads: configuration, weights under their prefixed names
   * and the tokenizer of {@code tokenizerSource}. It appears whole under its name or not at all; a
   * directory that was there is replaced.
   *
   * @param weights the numbers of each weight of the layout, little-endian F32
   * @param extras tensors beyond the layout, stored by their own names
   * @param dtype F32 or F16
   * @param tokenizerSource a model directory whose tokenizer and settings the new one shares, or
   *     null
   */
  public static void write(
      Path dir,
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> weights,
      List<Extra> extras,
      Dtype dtype,
      @Nullable Path tokenizerSource) {
    write(dir, config, weights, extras, dtype, tokenizerSource, Map.of());
  }

  /**
   * The same with some texts beside the model.
   *
   * @param texts what is written, by file name, unless the tokenizer's files are of that name
   */
  public static void write(
      Path dir,
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> weights,
      List<Extra> extras,
      Dtype dtype,
      @Nullable Path tokenizerSource,
      Map<String, String> texts) {
    write(dir, config, weights, extras, new Storage(dtype, 0, false), tokenizerSource, texts);
  }

  /**
   * How weights are stored.
   *
   * @param dtype F32, F16 or BF16
   * @param shardBytes a file has no more, unless one tensor has; 0 for one file
   * @param headsApart extras lie in a file of their own, in F32, since llama.cpp's converter
   *     refuses tensors it does not know; {@link #open} finds them there
   */
  public record Storage(Dtype dtype, long shardBytes, boolean headsApart) {}

  /** The same, stored otherwise. */
  public static void write(
      Path dir,
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> weights,
      List<Extra> extras,
      Storage storage,
      @Nullable Path tokenizerSource,
      Map<String, String> texts) {
    Dtype dtype = storage.dtype();
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TensorSpec spec : Layout.of(config)) {
      String stored = Layout.storedName(config, spec);
      entries.add(
          new SafetensorsWriter.Entry(
              new TensorSpec(stored, spec.shape()), dtype, () -> weights.apply(spec)));
    }
    List<SafetensorsWriter.Entry> heads = storage.headsApart() ? new ArrayList<>() : entries;
    Dtype ofHeads = storage.headsApart() ? Dtype.F32 : dtype;
    for (Extra extra : extras) {
      heads.add(new SafetensorsWriter.Entry(extra.spec(), ofHeads, () -> extra.data().duplicate()));
    }
    FileTree.write(
        dir,
        temporary -> {
          ModelConfig.write(
              temporary.resolve(ModelConfig.FILE), file(config, dtype, tokenizerSource));
          if (tokenizerSource != null) {
            TokenizerFiles.copy(tokenizerSource, temporary);
          }
          WeightFiles.write(temporary, entries, storage.shardBytes());
          if (storage.headsApart() && !heads.isEmpty()) {
            SafetensorsWriter.write(
                temporary.resolve(WeightFiles.HEADS), WeightFiles.PYTORCH, heads);
          }
          texts.forEach(
              (name, text) -> {
                if (Files.notExists(temporary.resolve(name))) {
                  writeText(temporary.resolve(name), text);
                }
              });
        });
  }

  /** The configuration: as {@code source} has it if it is the same one, so that no key is lost. */
  private static ObjectNode file(ModelConfig config, Dtype dtype, @Nullable Path source) {
    ObjectNode json = ConfigFile.json(config);
    if (source != null && Files.isRegularFile(source.resolve(ModelConfig.FILE))) {
      ObjectNode theirs = JsonFiles.readObject(source.resolve(ModelConfig.FILE));
      boolean known = Family.named(theirs.path("model_type").asText()).isPresent();
      if (known
          && ConfigFile.read(theirs, source.toString())
              .with(SpecialTokens.NONE)
              .equals(config.with(SpecialTokens.NONE))) {
        json = theirs;
      }
    }
    return json.put(json.has("dtype") ? "dtype" : "torch_dtype", dtype.torchName());
  }

  private static void writeText(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkShape(TensorSpec spec) {
    String stored = requireNonNull(names.stored().get(spec.name()), spec.name());
    TensorSpec found = owner(stored).spec(stored);
    if (!found.shape().equals(spec.shape())) {
      throw InvalidInputException.of(
          "%s: shape of %s".formatted(owner(stored).file(), stored),
          found.shape(),
          spec.shape() + " by " + ModelConfig.FILE);
    }
    owner(stored).requireReadable(stored);
  }

  private Safetensors owner(String stored) {
    return requireNonNull(owners.get(stored), stored);
  }
}
