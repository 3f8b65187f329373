package plaudit.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;

/**
 * The prompts of a task, from a file or a folder of files.
 *
 * <p>In a folder, files whose names begin with {@code prompts}, {@code openings}, {@code queries}
 * or {@code train} are taken, in that order of preference; failing these, whatever {@code .jsonl}
 * files hold prompts, then {@code .parquet}, {@code .csv}, {@code .tsv}, {@code .json}, {@code
 * .txt}. Where none lies in the folder itself, those at any depth are looked at, as in a data set
 * of the Hugging Face hub. Files that are known to be something else (a model's, a notice) never
 * count. Names such as {@code heldout.jsonl}, {@code test.txt} or {@code prompts-valid.txt} mark
 * the held-out part.
 *
 * @param training prompts to learn on, at least one
 * @param heldOut prompts to measure on; empty where no file is marked, then it is the caller's to
 *     split
 */
public record PromptSet(List<Example> training, List<Example> heldOut) {

  private static final List<String> PREFERRED = List.of("prompts", "openings", "queries", "train");
  private static final List<String> KINDS =
      List.of("jsonl", "parquet", "csv", "tsv", "json", "txt");
  private static final Pattern OTHER =
      Pattern.compile(
          "(config|generation_config|dataset_infos?|dataset_dict|state|tokenizer.*|special_tokens_map|added_tokens|vocab.*"
              + "|encoder|merges.*|tokens|model\\.safetensors\\.index)\\.[a-z]+");

  public PromptSet {
    training = List.copyOf(training);
    heldOut = List.copyOf(heldOut);
  }

  /** Reads a file, or the files of a folder. */
  public static PromptSet read(Path path) {
    return read(path, Columns.SAME);
  }

  /** The same, with other names of the columns. */
  public static PromptSet read(Path path, Columns columns) {
    if (!Files.isDirectory(path)) {
      return new PromptSet(PromptFile.read(path, columns), List.of());
    }
    List<Path> files = prompts(TextFile.list(path));
    if (files.isEmpty()) {
      List<Path> tree = TextFile.tree(path);
      Rows.refuseArrow(tree);
      files = prompts(tree);
    }
    FileRole.Split split = FileRole.Split.of(path, files);
    List<Path> rest = split.training();
    List<Path> heldOut = split.heldOut();
    for (String name : PREFERRED) {
      List<Path> named = rest.stream().filter(file -> lowerName(file).startsWith(name)).toList();
      if (!named.isEmpty()) {
        return new PromptSet(readAll(named, columns), readAll(heldOut, columns));
      }
    }
    for (String kind : KINDS) {
      List<Example> prompts = readWhatHoldsPrompts(rest, kind, columns);
      if (!prompts.isEmpty()) {
        return new PromptSet(prompts, readWhatHoldsPrompts(heldOut, kind, columns));
      }
    }
    throw InvalidInputException.of(
        "prompts of " + path,
        "none",
        "a file prompts.jsonl or prompts.txt, or another .jsonl, .parquet, .csv, .json or .txt with"
            + " prompts");
  }

  private static List<Example> readAll(List<Path> files, Columns columns) {
    List<Example> prompts = new ArrayList<>();
    files.forEach(file -> prompts.addAll(PromptFile.read(file, columns)));
    return prompts;
  }

  private static List<Example> readWhatHoldsPrompts(
      List<Path> files, String kind, Columns columns) {
    return files.stream()
        .filter(file -> TextFile.kind(lowerName(file)).equals(kind))
        .flatMap(file -> readIfPrompts(file, columns).stream())
        .toList();
  }

  /** The format was not set, so the file may hold something other than prompts. */
  private static List<Example> readIfPrompts(Path file, Columns columns) {
    try {
      return PromptFile.read(file, columns);
    } catch (InvalidInputException e) {
      if (!columns.isEmpty()) {
        throw e; // they were named for it
      }
      return List.of();
    }
  }

  private static List<Path> prompts(List<Path> files) {
    return files.stream()
        .filter(file -> Rows.mayBe(lowerName(file)) && !isOther(lowerName(file)))
        .toList();
  }

  /** Whether a file is known by its name to describe a model or a data set. */
  static boolean isOther(String fileName) {
    return OTHER.matcher(fileName.toLowerCase(Locale.ROOT)).matches();
  }

  private static String lowerName(Path file) {
    return TextFile.fileName(file).toLowerCase(Locale.ROOT);
  }
}
