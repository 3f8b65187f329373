package plaudit.language;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.model.TokenizerJson;

/**
 * A byte-level BPE vocabulary: what {@link BpeTrainer} learned, ready to be written beside a model.
 *
 * @param tokens every token by id, in the byte alphabet: 256 bytes, merges, specials last
 * @param merges pairs {@code "left right"}, learned first to learned last
 * @param specials tokens matched whole in a text, all at the end of {@code tokens}
 */
public record BpeVocabulary(List<String> tokens, List<String> merges, List<String> specials) {

  /** The file names that {@link #write} makes. */
  public static final List<String> FILES = List.of("tokenizer.json", "vocab.json", "merges.txt");

  public BpeVocabulary {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    specials = List.copyOf(specials);
  }

  /** How many ids there are; the {@code vocab_size} of a model trained with it. */
  public int size() {
    return tokens.size();
  }

  /** The id of each token, in order of id. */
  public Map<String, Integer> ids() {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String token : tokens) {
      ids.put(token, ids.size());
    }
    return ids;
  }

  /** Writes {@code tokenizer.json}, {@code vocab.json} and {@code merges.txt} into {@code dir}. */
  public void write(Path dir) {
    try {
      Files.createDirectories(dir);
      TokenizerJson.write(dir.resolve("tokenizer.json"), ids(), merges, specials);
      Files.write(dir.resolve("vocab.json"), new JsonMapper().writeValueAsBytes(ids()));
      List<String> lines = new ArrayList<>(merges.size() + 1);
      lines.add("#version: 0.2");
      lines.addAll(merges);
      Files.writeString(dir.resolve("merges.txt"), String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
