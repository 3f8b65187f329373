package plaudit.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Passages of books. A {@code .jsonl} file holds one a line, a string or an object with {@code
 * text}, taken as it is: the form of the released {@code book_passages}. Books as {@code .txt},
 * {@code .md}, also packed as {@code .gz} or several in a {@code .zip}, lose headings and a
 * library's notices ({@link TextCorpus}) and are cut, at the end of a word, about every {@link
 * #LENGTH} characters.
 */
final class BookPassages {

  /**
   * Characters of a passage. A query needs 64 tokens (some 280 characters) after the first full
   * stop, and that seldom comes later than this leaves room for.
   */
  static final int LENGTH = 600;

  private BookPassages() {}

  /** The passages of {@code files} in order; {@code root} names them in messages. Close it. */
  static Stream<Example> read(Path root, List<Path> files) {
    Map<Boolean, List<Path>> kinds =
        files.stream().collect(Collectors.partitioningBy(BookPassages::holdsPassages));
    Stream<Example> passages =
        kinds.getOrDefault(true, List.of()).stream().flatMap(BookPassages::readPassages);
    List<Path> books = kinds.getOrDefault(false, List.of());
    if (books.isEmpty()) {
      return passages;
    }
    Stream<String> documents = TextCorpus.of(root, books).documents();
    return Stream.concat(passages, documents.flatMap(book -> cut(book).stream()).map(Example::of));
  }

  private static boolean holdsPassages(Path file) {
    return TextFile.kind(TextFile.fileName(file)).equals("jsonl");
  }

  private static Stream<Example> readPassages(Path file) {
    return TextCorpus.of(file, List.of(file)).verbatim().documents().map(Example::of);
  }

  /** The passages of one book, one after the other; none is shorter than half the usual length. */
  static List<String> cut(String book) {
    List<String> passages = new ArrayList<>();
    int from = 0;
    while (from < book.length()) {
      int to = Math.min(from + LENGTH, book.length());
      while (to < book.length() && !Character.isWhitespace(book.charAt(to))) {
        to++;
      }
      String passage = book.substring(from, to).strip();
      if (passage.length() >= LENGTH / 2) {
        passages.add(passage);
      }
      from = to;
    }
    return passages;
  }
}
