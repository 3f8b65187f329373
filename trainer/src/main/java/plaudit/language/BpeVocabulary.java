package plaudit.language;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.json.JsonFiles;
import plaudit.model.TokenizerJson;

/**
 * A byte-level BPE vocabulary: what {@link BpeTrainer} learned, ready to be written beside a model.
 *
 * <p>Bytes are spelled as GPT-2 spells them: those that print as themselves in Latin-1 ({@code !}
 * to {@code ~}, {@code ¡} to {@code ¬}, {@code ®} to {@code ÿ}) keep their character; the others
 * take U+0100 and up in order, so that a space becomes {@code Ġ}. The id of a byte is its place in
 * that order, as in OpenAI's vocabulary.
 *
 * @param tokens every token by id, in the byte alphabet: 256 bytes, merges, specials last
 * @param merges pairs {@code "left right"}, learned first to learned last
 * @param specials tokens matched whole in a text, all at the end of {@code tokens}
 */
public record BpeVocabulary(List<String> tokens, List<String> merges, List<String> specials) {

  /** The file names that {@link #write} makes. */
  public static final List<String> FILES = List.of("tokenizer.json", "vocab.json", "merges.txt");

  /** How many bytes there are, and ids below the first merge's. */
  static final int BYTES = 256;

  private static final char[] SPELLING = new char[BYTES]; // by id
  private static final int[] BYTE_ID = new int[BYTES]; // by byte

  static {
    int id = 0;
    for (int b = 0; b < BYTES; b++) {
      if (printsAsItself(b)) {
        SPELLING[id] = (char) b;
        BYTE_ID[b] = id++;
      }
    }
    for (int b = 0, shifted = 0; b < BYTES; b++) {
      if (!printsAsItself(b)) {
        SPELLING[id] = (char) (BYTES + shifted++);
        BYTE_ID[b] = id++;
      }
    }
  }

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
      AtomicFile.write(dir.resolve("vocab.json"), JsonFiles.line(ids()));
      List<String> lines = new ArrayList<>(merges.size() + 1);
      lines.add("#version: 0.2");
      lines.addAll(merges);
      Files.writeString(dir.resolve("merges.txt"), String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The character that spells the byte with {@code id}. */
  static char spelling(int id) {
    return SPELLING[id];
  }

  /** The ids of the UTF-8 bytes of {@code text}. */
  static int[] byteIds(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ids[i] = BYTE_ID[bytes[i] & 0xff];
    }
    return ids;
  }

  private static boolean printsAsItself(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
  }
}
