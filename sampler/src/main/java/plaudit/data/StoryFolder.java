package plaudit.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;

/**
 * News stories of the CNN/Daily Mail collection, a {@code .story} file each: the article is the
 * text, its highlights in one line are the reference.
 *
 * <p>With {@code url_lists/all_train.txt}, {@code all_val.txt} and {@code all_test.txt} the stories
 * of a part are those whose addresses the list has, in its order, as files named by the SHA-1 of
 * the address in {@code cnn/stories} or {@code dailymail/stories}, below {@code cache_train} (and
 * so on) as the release has them, or directly in the folder. Without lists, every {@code .story}
 * file below the folder counts, and folders with names such as {@code test} are held out.
 */
final class StoryFolder {

  private static final String ENDING = "story";
  private static final String LISTS = "url_lists";
  private static final Pattern DAILY_MAIL =
      Pattern.compile("dailymail\\.co\\.uk|mailonsunday\\.ie|lib\\.store\\.yahoo\\.net");
  private static final Pattern CNN = Pattern.compile("cnn\\.com|cnn\\.hk");

  private final Path root;

  StoryFolder(Path root) {
    this.root = root;
  }

  /** Whether {@code path} is such a folder, or a story. */
  static boolean isAt(Path path) {
    if (!Files.isDirectory(path)) {
      return isStory(path);
    }
    if (Files.isDirectory(path.resolve(LISTS))) {
      return true;
    }
    try (Stream<Path> tree = Files.walk(path, 4, FileVisitOption.FOLLOW_LINKS)) {
      return tree.anyMatch(StoryFolder::isStory);
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidInputException(path + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  /** The stories to learn on, read as they are asked for. */
  Stream<Example> training() {
    return hasLists() ? listed("train") : files().training().stream().map(StoryFolder::read);
  }

  /** The stories to measure on: those of {@code all_val} and {@code all_test}. */
  Stream<Example> heldOut() {
    return hasLists()
        ? Stream.of("val", "test").filter(part -> Files.exists(list(part))).flatMap(this::listed)
        : files().heldOut().stream().map(StoryFolder::read);
  }

  private boolean hasLists() {
    return Files.isDirectory(root.resolve(LISTS));
  }

  private FileRole.Split files() {
    if (!Files.isDirectory(root)) {
      return new FileRole.Split(List.of(root), List.of());
    }
    List<Path> stories = TextFile.tree(root).stream().filter(StoryFolder::isStory).toList();
    if (stories.isEmpty()) {
      throw InvalidInputException.of(
          "stories in " + root, "none", "files *.story, or url_lists and the stories they name");
    }
    return FileRole.Split.of(root, stories);
  }

  private Path list(String part) {
    return root.resolve(LISTS).resolve("all_" + part + ".txt");
  }

  private Stream<Example> listed(String part) {
    TextFile list = TextFile.open(list(part));
    return Stream.generate(list::readLine)
        .takeWhile(java.util.Objects::nonNull)
        .filter(url -> !url.isBlank())
        .map(url -> read(storyOf(part, url.strip(), list.place())))
        .onClose(list::close);
  }

  private Path storyOf(String part, String url, String place) {
    String site;
    if (DAILY_MAIL.matcher(url).find()) {
      site = "dailymail";
    } else if (CNN.matcher(url).find()) {
      site = "cnn";
    } else {
      throw InvalidInputException.of(place, url, "an address of cnn.com or dailymail.co.uk");
    }
    Path story = Path.of(site, "stories", sha1(url) + "." + ENDING);
    Path cached = root.resolve("cache_" + part).resolve(story);
    Path plain = root.resolve(story);
    if (Files.isRegularFile(cached)) {
      return cached;
    } else if (Files.isRegularFile(plain)) {
      return plain;
    }
    throw new InvalidInputException(
        "%s: no story of %s (expected: %s or %s)".formatted(place, url, cached, plain));
  }

  private static Example read(Path file) {
    String story;
    try {
      story = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    List<String> highlights = NewsText.highlights(story);
    return new Example(
        NewsText.article(story),
        highlights.isEmpty() ? List.of() : List.of(String.join(" ", highlights)));
  }

  private static boolean isStory(Path file) {
    return TextFile.kind(TextFile.fileName(file)).equals(ENDING) && Files.isRegularFile(file);
  }

  private static String sha1(String url) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-1").digest(url.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
