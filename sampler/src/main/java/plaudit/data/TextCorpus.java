package plaudit.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import plaudit.input.InvalidInputException;

/**
 * The documents of a corpus, one after the other, never all in memory.
 *
 * <p>A corpus is a file or a folder, searched to the bottom in order of name: {@code .txt} and
 * {@code .md} (one document each, or several between lines {@code <|endoftext|>}), {@code .jsonl}
 * (one document a line, a string or under {@code text}), each also packed as {@code .gz}, and
 * {@code .zip} of such files. Notices, readmes and licences are passed over. Text must be UTF-8.
 *
 * <p>Documents come as prose, one paragraph a line: without headings, a printer's line breaks and a
 * library's notices, as suits books; {@link #verbatim()} leaves them as they are.
 */
public final class TextCorpus {

  private static final Set<String> TEXT_KINDS = Set.of("txt", "md", "jsonl");
  private static final String EXPECTED = ".txt, .md, .jsonl (also .gz) or .zip of these";

  private final Path path;
  private final List<Path> files;
  private final UnaryOperator<String> cleaning;

  private TextCorpus(Path path, List<Path> files, UnaryOperator<String> cleaning) {
    this.path = path;
    this.files = files;
    this.cleaning = cleaning;
  }

  /** The corpus at {@code path}; refuses one without a file that could hold text. */
  public static TextCorpus of(Path path) {
    if (Files.isDirectory(path)) {
      List<Path> files = textFilesUnder(path);
      if (files.isEmpty()) {
        throw InvalidInputException.of("text in " + path, "none", EXPECTED);
      }
      return new TextCorpus(path, files, BookText::clean);
    }
    if (!Files.isRegularFile(path)) {
      throw InvalidInputException.of("text", path, "a file or folder that exists");
    }
    if (!holdsText(TextFile.fileName(path))) {
      throw InvalidInputException.of("text", path, EXPECTED);
    }
    return new TextCorpus(path, List.of(path), BookText::clean);
  }

  /** The corpus of some of a folder's files; {@code path} names it in messages. */
  static TextCorpus of(Path path, List<Path> files) {
    return new TextCorpus(path, files, BookText::clean);
  }

  /**
   * A corpus in two.
   *
   * @param training what to learn on
   * @param heldOut what is marked as held out by the name of a file or folder, if anything is
   */
  public record Parts(TextCorpus training, Optional<TextCorpus> heldOut) {}

  /** The corpus as its files' names part it; refuses one that has nothing to learn on. */
  public Parts parts() {
    if (!Files.isDirectory(path)) {
      return new Parts(this, Optional.empty());
    }
    FileRole.Split split = FileRole.Split.of(path, files);
    if (split.training().isEmpty()) {
      throw InvalidInputException.of("text in " + path, "only files to measure on", EXPECTED);
    }
    return new Parts(
        new TextCorpus(path, split.training(), cleaning),
        Optional.of(split.heldOut())
            .filter(marked -> !marked.isEmpty())
            .map(marked -> new TextCorpus(path, marked, cleaning)));
  }

  /** The same documents as they are written. */
  public TextCorpus verbatim() {
    return new TextCorpus(path, files, UnaryOperator.identity());
  }

  /** The files of the folder that hold no text, as their names say, and about-files; by name. */
  public List<Path> passedOver() {
    return Files.isDirectory(path)
        ? TextFile.tree(path).stream().filter(file -> !files.contains(file)).toList()
        : List.of();
  }

  /** Hands every document to {@code reader}; refuses a corpus that has none. */
  public void forEach(Consumer<String> reader) {
    try (Stream<String> documents = documents()) {
      Iterator<String> each = documents.iterator();
      if (!each.hasNext()) {
        throw InvalidInputException.of("text in " + path, "none", "at least one document");
      }
      each.forEachRemaining(reader);
    }
  }

  /**
   * The documents with something in them, read as they are asked for. To be closed after use, which
   * closes the file it stands in.
   */
  public Stream<String> documents() {
    var reader = new CorpusReader(files);
    var documents =
        Spliterators.spliteratorUnknownSize(reader, Spliterator.ORDERED | Spliterator.NONNULL);
    return StreamSupport.stream(documents, false)
        .onClose(reader::close)
        .map(cleaning)
        .filter(document -> !document.isBlank());
  }

  static boolean isText(String fileName) {
    return TEXT_KINDS.contains(TextFile.kind(fileName)) && !TextFile.isAbout(fileName);
  }

  static boolean holdsText(String fileName) {
    return isText(fileName) || TextFile.kind(fileName).equals("zip");
  }

  private static List<Path> textFilesUnder(Path dir) {
    return TextFile.tree(dir).stream().filter(file -> holdsText(TextFile.fileName(file))).toList();
  }
}
