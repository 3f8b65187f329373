package plaudit.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * A text file that a user hands in, read line by line as strict UTF-8; unpacked if its name ends in
 * {@code .gz}. Whatever goes wrong names the file and the line.
 */
public final class TextFile implements AutoCloseable {

  private static final Pattern ABOUT =
      Pattern.compile("(notice|readme|licen[cs]e|copying|changelog|authors)([._-].*)?");

  private final String name;
  private final BufferedReader reader;
  private long line;

  private TextFile(String name, InputStream bytes) {
    this.name = name;
    // A fresh decoder reports what is not UTF-8; the constructors by charset replace it.
    this.reader =
        new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()));
  }

  /** Opens {@code file}. */
  public static TextFile open(Path file) {
    return new TextFile(file.toString(), bytes(file));
  }

  /** Reads {@code bytes}, which are unpacked if {@code name} ends in {@code .gz}. */
  public static TextFile of(String name, InputStream bytes) {
    return new TextFile(name, unpacked(name, bytes));
  }

  /**
   * The bytes of {@code file}, unpacked if its name ends in {@code .gz}; the caller closes them.
   */
  public static InputStream bytes(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(file + ": no such file");
    }
    try {
      return unpacked(file.toString(), Files.newInputStream(file));
    } catch (IOException e) {
      throw new InvalidInputException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static InputStream unpacked(String name, InputStream bytes) {
    if (!name.toLowerCase(Locale.ROOT).endsWith(".gz")) {
      return bytes;
    }
    try {
      return new GZIPInputStream(bytes, 1 << 16);
    } catch (IOException e) {
      throw new InvalidInputException(name + ": not in gzip format (" + e.getMessage() + ")", e);
    }
  }

  /** The next line without its end, or null after the last. */
  public @Nullable String readLine() {
    try {
      String text = reader.readLine();
      line++;
      return line == 1 && text != null && text.startsWith("\ufeff") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new InvalidInputException("%s: not UTF-8 text after line %d".formatted(name, line), e);
    } catch (ZipException e) {
      throw new InvalidInputException(
          "%s: damaged after line %d (%s)".formatted(name, line, e.getMessage()), e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: cannot be read after line %d (%s)".formatted(name, line, e.getMessage()), e);
    }
  }

  /** The file's name and the line last read, for messages. */
  public String place() {
    return name + ": line " + line;
  }

  /** The file's name. */
  public String name() {
    return name;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What kind of file it is: the ending in lower case without dot and {@code .gz}. */
  public static String kind(String fileName) {
    String name = fileName.toLowerCase(Locale.ROOT);
    String unpacked = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    return unpacked.substring(unpacked.lastIndexOf('.') + 1);
  }

  /** Whether a file is about the data instead of holding any: a notice, readme, licence. */
  public static boolean isAbout(String fileName) {
    return ABOUT.matcher(fileName.toLowerCase(Locale.ROOT)).matches();
  }

  /** The visible files below {@code dir} at any depth, by path. */
  public static List<Path> tree(Path dir) {
    try (Stream<Path> files = Files.walk(dir, FileVisitOption.FOLLOW_LINKS)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !fileName(file).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new InvalidInputException(dir + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  /** The visible files directly in {@code dir}, by name. */
  public static List<Path> list(Path dir) {
    try (Stream<Path> files = Files.list(dir)) {
      return files
          .filter(file -> Files.isRegularFile(file) && !fileName(file).startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InvalidInputException(dir + ": cannot be listed (" + e.getMessage() + ")", e);
    }
  }

  /** The last part of a path. */
  public static String fileName(Path file) {
    Path name = file.getFileName();
    return name == null ? "" : name.toString();
  }
}
