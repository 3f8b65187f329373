package plaudit.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * Walks through the files of a corpus, and the entries of those that are zips, with one file open
 * and one document in memory. (Flat-mapped streams would hold all documents of a file.)
 */
final class CorpusReader implements Iterator<String>, AutoCloseable {

  private final Iterator<Path> files;
  private @Nullable ZipFile zip;
  private Iterator<? extends ZipEntry> entries = Collections.emptyIterator();
  private @Nullable DocumentReader reader;

  CorpusReader(List<Path> files) {
    this.files = files.iterator();
  }

  @Override
  public boolean hasNext() {
    while (reader == null || !reader.hasNext()) {
      closeReader();
      if (entries.hasNext() && zip != null) {
        reader = openEntry(zip, entries.next());
      } else if (files.hasNext()) {
        closeZip();
        openFile(files.next());
      } else {
        close();
        return false;
      }
    }
    return true;
  }

  @Override
  public String next() {
    if (!hasNext() || reader == null) {
      throw new NoSuchElementException("no document after the last");
    }
    return reader.next();
  }

  @Override
  public void close() {
    closeReader();
    closeZip();
  }

  private void openFile(Path file) {
    if (TextFile.kind(TextFile.fileName(file)).equals("zip")) {
      openZip(file);
    } else {
      reader = new DocumentReader(TextFile.open(file));
    }
  }

  private void openZip(Path file) {
    try {
      ZipFile opened = new ZipFile(file.toFile());
      zip = opened;
      entries =
          opened.stream()
              .filter(entry -> !entry.isDirectory() && TextCorpus.isText(lastPart(entry)))
              .sorted(Comparator.comparing(ZipEntry::getName))
              .iterator();
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: not a readable zip file (%s)".formatted(file, e.getMessage()), e);
    }
  }

  private static DocumentReader openEntry(ZipFile zip, ZipEntry entry) {
    String name = zip.getName() + ": " + entry.getName();
    try {
      return new DocumentReader(TextFile.of(name, zip.getInputStream(entry)));
    } catch (IOException e) {
      throw new InvalidInputException("%s: cannot be read (%s)".formatted(name, e.getMessage()), e);
    }
  }

  private static String lastPart(ZipEntry entry) {
    return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
  }

  private void closeReader() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  private void closeZip() {
    if (zip != null) {
      entries = Collections.emptyIterator();
      try {
        zip.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      zip = null;
    }
  }

  /** Splits one text file into documents while reading it. */
  private static final class DocumentReader implements Iterator<String>, AutoCloseable {

    /** Parts documents in a file of running text, as GPT-2 was trained. */
    private static final String END_OF_TEXT = "<|endoftext|>";

    /** A file without marks is cut at a line's end once a document has this many characters. */
    private static final int MAX_DOCUMENT = 16 << 20;

    private final TextFile file;
    private final boolean jsonLines;
    private @Nullable String next;

    DocumentReader(TextFile file) {
      this.file = file;
      this.jsonLines = TextFile.kind(file.name()).equals("jsonl");
      this.next = read();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public String next() {
      String document = next;
      if (document == null) {
        throw new NoSuchElementException("no document after the last");
      }
      next = read();
      return document;
    }

    @Override
    public void close() {
      file.close();
    }

    private @Nullable String read() {
      return jsonLines ? readJsonLine() : readText();
    }

    private @Nullable String readText() {
      StringBuilder text = new StringBuilder();
      String line = file.readLine();
      if (line == null) {
        return null;
      }
      for (; line != null && !line.strip().equals(END_OF_TEXT); line = file.readLine()) {
        text.append(line).append('\n');
        if (text.length() >= MAX_DOCUMENT) {
          break;
        }
      }
      return text.toString();
    }

    private @Nullable String readJsonLine() {
      String line = file.readLine();
      while (line != null && line.isBlank()) {
        line = file.readLine();
      }
      return line == null ? null : textOf(line);
    }

    private String textOf(String line) {
      JsonNode json = JsonFiles.parseLine(line, file.place());
      JsonNode text = json.isTextual() ? json : json.path("text");
      if (!text.isTextual()) {
        throw new InvalidInputException(
            file.place() + ": no text (expected: a string, or an object with text)");
      }
      return text.textValue();
    }
  }
}
