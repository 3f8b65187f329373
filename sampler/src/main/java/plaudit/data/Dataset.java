package plaudit.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * A data set as a user hands it in: a file or folder in one of the {@link DataFormat}s, in a part
 * to learn on and a part to measure on. Each part is read anew whenever it is asked for.
 */
public final class Dataset {

  private static final Pattern LIBRARY =
      Pattern.compile("(?i).*\\bproject gutenberg\\b.*", Pattern.DOTALL);
  private static final int LINES_LOOKED_AT = 60;

  private final DataFormat format;
  private final Supplier<Stream<Example>> training;
  private final Supplier<Stream<Example>> heldOut;

  private Dataset(
      DataFormat format, Supplier<Stream<Example>> training, Supplier<Stream<Example>> heldOut) {
    this.format = format;
    this.training = training;
    this.heldOut = heldOut;
  }

  /**
   * The data at {@code path}; {@link DataFormat#AUTO} looks what is there:
   *
   * <ul>
   *   <li>{@code .story} files or {@code url_lists}: {@code cnndm};
   *   <li>{@code .zip} or {@code .md}, or {@code .txt} with a library's notice: {@code books};
   *   <li>{@code .json} or {@code .jsonl} whose first element has {@code content} and nothing that
   *       goes before it ({@link PromptFile#KEYS}): {@code tldr};
   *   <li>anything else: {@code prompts}.
   * </ul>
   */
  public static Dataset open(Path path, DataFormat format) {
    return open(path, format, Columns.SAME);
  }

  /** The same, with other names of the columns, which only {@link DataFormat#PROMPTS} have. */
  public static Dataset open(Path path, DataFormat format, Columns columns) {
    boolean named = !columns.isEmpty();
    DataFormat found =
        formatOf(path, named && format == DataFormat.AUTO ? DataFormat.PROMPTS : format);
    if (named && found != DataFormat.PROMPTS) {
      throw InvalidInputException.of("columns of " + path, found, "prompts, which have columns");
    }
    return switch (found) {
      case CNNDM -> {
        StoryFolder stories = new StoryFolder(path);
        yield new Dataset(found, stories::training, stories::heldOut);
      }
      case BOOKS -> {
        FileRole.Split files = files(path, TextCorpus::holdsText, found);
        yield new Dataset(
            found,
            () -> BookPassages.read(path, files.training()),
            () -> BookPassages.read(path, files.heldOut()));
      }
      case TLDR -> {
        FileRole.Split files = files(path, PostFile::mayBe, found);
        yield new Dataset(found, () -> posts(files.training()), () -> posts(files.heldOut()));
      }
      case PROMPTS, AUTO -> {
        PromptSet prompts = PromptSet.read(path, columns);
        yield new Dataset(found, prompts.training()::stream, prompts.heldOut()::stream);
      }
    };
  }

  /** {@code format}, or what {@link #open} would find; never {@link DataFormat#AUTO}. */
  public static DataFormat formatOf(Path path, DataFormat format) {
    if (!Files.exists(path)) {
      throw InvalidInputException.of("data", path, "a file or folder that exists");
    }
    return format == DataFormat.AUTO ? detected(path) : format;
  }

  /** The form it has; never {@link DataFormat#AUTO}. */
  public DataFormat format() {
    return format;
  }

  /** What to learn on, in the order of the files. Close the stream. */
  public Stream<Example> training() {
    return training.get();
  }

  /** What to measure on; empty where no file is marked, then it is the caller's to split. */
  public Stream<Example> heldOut() {
    return heldOut.get();
  }

  private static DataFormat detected(Path path) {
    if (StoryFolder.isAt(path)) {
      return DataFormat.CNNDM;
    }
    List<Path> files = Files.isDirectory(path) ? TextFile.list(path) : List.of(path);
    if (files.stream().anyMatch(Dataset::isBook)) {
      return DataFormat.BOOKS;
    }
    return files.stream()
            .filter(file -> PostFile.mayBe(TextFile.fileName(file)))
            .anyMatch(PostFile::holdsPosts)
        ? DataFormat.TLDR
        : DataFormat.PROMPTS;
  }

  private static boolean isBook(Path file) {
    String name = TextFile.fileName(file);
    return switch (TextFile.kind(name)) {
      case "zip", "md" -> !TextFile.isAbout(name);
      case "txt" -> comesFromALibrary(file);
      default -> false;
    };
  }

  private static boolean comesFromALibrary(Path file) {
    try (TextFile text = TextFile.open(file)) {
      for (int i = 0; i < LINES_LOOKED_AT; i++) {
        @Nullable String line = text.readLine();
        if (line == null) {
          return false;
        }
        if (LIBRARY.matcher(line).matches()) {
          return true;
        }
      }
      return false;
    } catch (InvalidInputException e) {
      return false; // its reader reports what is wrong with it
    }
  }

  private static FileRole.Split files(
      Path path, java.util.function.Predicate<String> wanted, DataFormat format) {
    if (!Files.isDirectory(path)) {
      return new FileRole.Split(List.of(path), List.of());
    }
    List<Path> files =
        TextFile.tree(path).stream()
            .filter(file -> wanted.test(TextFile.fileName(file).toLowerCase(Locale.ROOT)))
            .toList();
    FileRole.Split split = FileRole.Split.of(path, files);
    if (split.training().isEmpty()) {
      throw InvalidInputException.of(
          "data in " + path,
          files.isEmpty() ? "no file" : "only files to measure on",
          format == DataFormat.BOOKS
              ? ".txt, .md, .jsonl or .zip with books"
              : ".json or .jsonl with posts");
    }
    return split;
  }

  private static Stream<Example> posts(List<Path> files) {
    return files.stream()
        .flatMap(
            file -> {
              PostFile posts = new PostFile(file);
              return stream(posts).onClose(posts::close);
            });
  }

  private static Stream<Example> stream(Iterator<Example> examples) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(examples, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }
}
