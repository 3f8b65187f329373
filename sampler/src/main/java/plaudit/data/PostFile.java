package plaudit.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import plaudit.input.InvalidInputException;

/**
 * Forum posts of the TL;DR collection: objects with {@code content}, and as reference the author's
 * {@code summary} or else the {@code title}. Read one by one, since the released file has 4.5 GB; a
 * post without words is passed over.
 */
final class PostFile implements Iterator<Example>, AutoCloseable {

  private static final String CONTENT = "content";
  private static final List<String> REFERENCES = List.of("summary", "title");

  private final JsonElements elements;
  private Optional<Example> next;

  PostFile(Path file) {
    this.elements = new JsonElements(file);
    this.next = read();
  }

  /** Whether a file of that name could hold posts. */
  static boolean mayBe(String fileName) {
    return Set.of("json", "jsonl").contains(TextFile.kind(fileName)) && !TextFile.isAbout(fileName);
  }

  /** Whether the first element of {@code file} is a post; false for what is no JSON. */
  static boolean holdsPosts(Path file) {
    try (JsonElements elements = new JsonElements(file)) {
      // A prompt beside the content is what its author means to be read.
      return elements.hasNext() && isPost(elements.next());
    } catch (InvalidInputException e) {
      return false;
    }
  }

  private static boolean isPost(JsonNode first) {
    return first.path(CONTENT).isTextual()
        && PromptFile.KEYS.stream().takeWhile(key -> !key.equals(CONTENT)).noneMatch(first::has);
  }

  @Override
  public boolean hasNext() {
    return next.isPresent();
  }

  @Override
  public Example next() {
    Example post = next.orElseThrow(() -> new NoSuchElementException("no post after the last"));
    next = read();
    return post;
  }

  @Override
  public void close() {
    elements.close();
  }

  private Optional<Example> read() {
    while (elements.hasNext()) {
      JsonNode post = elements.next();
      JsonNode content = post.path(CONTENT);
      if (!content.isTextual()) {
        throw new InvalidInputException(
            elements.place() + ": no post (expected: an object with a text under content)");
      }
      String text = clean(content.textValue());
      if (!text.isEmpty()) {
        return Optional.of(new Example(text, reference(post).stream().toList()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> reference(JsonNode post) {
    return REFERENCES.stream()
        .map(key -> post.path(key).asText("").strip())
        .filter(text -> !text.isEmpty())
        .findFirst()
        .map(PostFile::clean);
  }

  /**
   * A post as the released code (2019) makes a query of it: repaired, at most one empty line in a
   * row, stripped.
   */
  static String clean(String post) {
    return TextRepair.collapsed(TextRepair.repair(post)).strip();
  }
}
