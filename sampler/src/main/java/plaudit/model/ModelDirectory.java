package plaudit.model;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import plaudit.files.FileTree;
import plaudit.input.InvalidInputException;

/**
 * A model as a Hugging Face directory: {@code config.json}, the weights in {@code
 * model.safetensors} or in shards with an index, and the tokenizer.
 *
 * <p>Names are taken with and without the {@code transformer.} prefix. Every weight of the layout
 * must be there in its shape. The attention masks that old files store as {@code attn.bias} and
 * {@code attn.masked_bias} are no weights and are passed over; other tensors the layout does not
 * know are {@link #ignored()} but can be had by name, which is how scalar heads travel.
 *
 * <p>A tied model's stored {@code lm_head.weight} is ignored even if it differs from the token
 * embedding: Hugging Face ties after loading, so the embedding wins there, too. An untied model
 * must store its head.
 */
public final class ModelDirectory {

  private static final String PREFIX = "transformer.";
  private static final Pattern MASK = Pattern.compile("h\\.\\d+\\.attn\\.(masked_)?bias");

  private final Path dir;
  private final ModelConfig config;
  private final Map<String, Safetensors> owners;
  private final Map<String, String> storedNames;
  private final List<String> ignored;

  private ModelDirectory(
      Path dir,
      ModelConfig config,
      Map<String, Safetensors> owners,
      Map<String, String> storedNames,
      List<String> ignored) {
    this.dir = dir;
    this.config = config;
    this.owners = owners;
    this.storedNames = storedNames;
    this.ignored = ignored;
  }

  /** Opens {@code dir} and checks configuration and weights against each other. */
  public static ModelDirectory open(Path dir) {
    if (!Files.isDirectory(dir)) {
      throw new InvalidInputException("model: " + dir + " (expected: a directory)");
    }
    ModelConfig config = ModelConfig.read(dir.resolve(ModelConfig.FILE));
    Map<String, Safetensors> owners = WeightFiles.open(dir).owners();
    Map<String, String> storedNames = new LinkedHashMap<>();
    for (String stored : owners.keySet()) {
      String plain = stored.startsWith(PREFIX) ? stored.substring(PREFIX.length()) : stored;
      String twin = storedNames.put(plain, stored);
      if (twin != null) {
        throw new InvalidInputException(
            "%s: both %s and %s (expected: one of them)".formatted(dir, twin, stored));
      }
    }
    List<String> ignored = new ArrayList<>(storedNames.keySet());
    var directory = new ModelDirectory(dir, config, owners, storedNames, ignored);
    List<TensorSpec> layout = Gpt2Layout.of(config);
    directory.checkNoneMissing(layout);
    layout.forEach(directory::checkShape);
    layout.forEach(spec -> ignored.remove(spec.name()));
    ignored.removeIf(name -> MASK.matcher(name).matches());
    return directory;
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
    return List.copyOf(ignored);
  }

  /** The numbers of a weight of the layout, as {@link Safetensors#readF32} has them. */
  public ByteBuffer weight(TensorSpec spec) {
    String stored = requireNonNull(storedNames.get(spec.name()), spec.name());
    return owner(stored).readF32(stored);
  }

  /** A tensor beyond the layout, such as {@code value_head.weight}, by its exact name. */
  public Optional<Extra> extra(String name) {
    return ignored.contains(name)
        ? Optional.ofNullable(storedNames.get(name))
            .map(
                stored ->
                    new Extra(
                        new TensorSpec(name, owner(stored).spec(stored).shape()),
                        owner(stored).readF32(stored)))
        : Optional.empty();
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
   * @param tokenizerSource a directory that {@link Tokenizer#open} takes, or null for none
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
   * @param texts what is written, by file name
   */
  public static void write(
      Path dir,
      ModelConfig config,
      Function<TensorSpec, ByteBuffer> weights,
      List<Extra> extras,
      Dtype dtype,
      @Nullable Path tokenizerSource,
      Map<String, String> texts) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    for (TensorSpec spec : Gpt2Layout.of(config)) {
      String stored = spec.name().equals(Gpt2Layout.HEAD) ? spec.name() : PREFIX + spec.name();
      entries.add(
          new SafetensorsWriter.Entry(
              new TensorSpec(stored, spec.shape()), dtype, () -> weights.apply(spec)));
    }
    for (Extra extra : extras) {
      entries.add(new SafetensorsWriter.Entry(extra.spec(), dtype, () -> extra.data().duplicate()));
    }
    FileTree.write(
        dir,
        temporary -> {
          config.write(temporary.resolve(ModelConfig.FILE));
          if (tokenizerSource != null) {
            TokenizerFiles.copy(tokenizerSource, temporary);
          }
          SafetensorsWriter.write(
              temporary.resolve(WeightFiles.ONE), Map.of("format", "pt"), entries);
          texts.forEach((name, text) -> writeText(temporary.resolve(name), text));
        });
  }

  private static void writeText(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkNoneMissing(List<TensorSpec> layout) {
    List<String> missing =
        layout.stream().map(TensorSpec::name).filter(n -> !storedNames.containsKey(n)).toList();
    if (!missing.isEmpty()) {
      List<String> named = missing.subList(0, Math.min(5, missing.size()));
      throw new InvalidInputException(
          "%s: %d of %d tensors missing: %s%s"
              .formatted(
                  dir,
                  missing.size(),
                  layout.size(),
                  String.join(", ", named),
                  named.size() < missing.size() ? ", ..." : ""));
    }
  }

  private void checkShape(TensorSpec spec) {
    String stored = requireNonNull(storedNames.get(spec.name()), spec.name());
    TensorSpec found = owner(stored).spec(stored);
    if (!found.shape().equals(spec.shape())) {
      throw InvalidInputException.of(
          "%s: shape of %s".formatted(owner(stored).file(), stored),
          found.shape(),
          spec.shape() + " by " + ModelConfig.FILE);
    }
  }

  private Safetensors owner(String stored) {
    return requireNonNull(owners.get(stored), stored);
  }
}
