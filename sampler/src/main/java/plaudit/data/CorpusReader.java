package plaudit.data;

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
}
