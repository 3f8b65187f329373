package plaudit.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import plaudit.files.AtomicFile;
import plaudit.json.JsonFiles;

/**
 * The Hugging Face {@code tokenizer.json} of a byte-level BPE vocabulary as GPT-2 has it: the
 * ByteLevel alphabet and its split of words, the merges in order of rank, and whole special tokens.
 */
public final class TokenizerJson {

  private TokenizerJson() {}

  /**
   * Writes {@code file}.
   *
   * @param vocabulary id of every token, spelled in the byte alphabet; specials included
   * @param merges pairs {@code "left right"}, best rank first
   * @param specials tokens that are matched whole in a text, before it is split; all in the
   *     vocabulary
   */
  public static void write(
      Path file, Map<String, Integer> vocabulary, List<String> merges, List<String> specials) {
    AtomicFile.write(file, JsonFiles.indented(byteLevelBpe(vocabulary, merges, specials)));
  }

  static ObjectNode byteLevelBpe(
      Map<String, Integer> vocabulary, List<String> merges, List<String> specials) {
    ObjectNode root = JsonFiles.newObject().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (String special : specials) {
      Integer id = vocabulary.get(special);
      if (id == null) {
        throw new IllegalArgumentException(
            "special token: " + special + " (expected: one in the vocabulary)");
      }
      added
          .addObject()
          .put("id", id.intValue())
          .put("content", special)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    root.putNull("normalizer");
    root.set("pre_tokenizer", byteLevel(true));
    root.set("post_processor", byteLevel(false));
    root.set("decoder", byteLevel(true));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode ids = model.putObject("vocab");
    vocabulary.forEach((token, id) -> ids.put(token, id.intValue()));
    ArrayNode ranked = model.putArray("merges");
    merges.forEach(ranked::add);
    return root;
  }

  private static ObjectNode byteLevel(boolean trimOffsets) {
    return JsonFiles.newObject()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", trimOffsets)
        .put("use_regex", true);
  }
}
