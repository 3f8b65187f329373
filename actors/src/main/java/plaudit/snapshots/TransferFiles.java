package plaudit.snapshots;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.files.Sha256;

/**
 * A directory of files in transfer: those that other nodes may fetch and those that were fetched.
 * They are written and read in pieces, never whole in memory, and are not forced to the disk: a
 * process that starts deletes those of the process before. Any thread may call, about different
 * names.
 */
public final class TransferFiles implements SnapshotServer.FileSource {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,99}");
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path directory;
  private final Optional<URI> served;
  private final Download download = new Download();
  private final Map<Path, String> digests = new ConcurrentHashMap<>();

  /**
   * An empty directory.
   *
   * @param served where the directory is served, ending with a slash; without, files get {@code
   *     file:} URLs
   */
  TransferFiles(Path directory, Optional<URI> served) {
    this.directory = directory;
    this.served = served;
    try {
      Files.createDirectories(directory);
      for (Path old : list()) {
        Files.deleteIfExists(old);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("directory: " + directory + " (expected: writable)", e);
    }
  }

  /**
   * Writes a file.
   *
   * @param name lower-case letters, digits, dots and hyphens; not in use
   * @throws SnapshotFileException.NotWritten when that fails; nothing is left behind
   */
  public FileRef write(String name, SnapshotFiles.Content content) {
    Path file = file(name);
    MessageDigest digest = Sha256.digest();
    try {
      try (OutputStream out =
          new BufferedOutputStream(
              new DigestOutputStream(Files.newOutputStream(file), digest), BUFFER_BYTES)) {
        content.writeTo(out);
      }
      String sha256 = Sha256.hex(digest);
      digests.put(file, sha256);
      URI url = served.map(base -> base.resolve(name)).orElseGet(file::toUri);
      return new FileRef(url, Files.size(file), sha256);
    } catch (IOException | RuntimeException e) {
      delete(name);
      throw new SnapshotFileException.NotWritten("%s: %s".formatted(file, e), e);
    }
  }

  /**
   * Fetches a file.
   *
   * @param as the name of the local file, not in use; delete it after use
   * @return where it is; the original if it is a local file
   * @throws SnapshotFileException.Unavailable when the bytes cannot be had now
   * @throws SnapshotFileException.Corrupt when they are not the right ones
   */
  public Path fetch(FileRef ref, String as) {
    if ("file".equals(ref.url().getScheme())) {
      return verified(Path.of(ref.url()), ref, Optional.empty());
    }
    Path file = file(as);
    Path part = file.resolveSibling(as + ".part");
    try {
      Files.deleteIfExists(part);
      Optional<String> sha256 =
          download.fill(part, Download.Source.at(ref.url()), ref.bytes()).sha256();
      AtomicFile.rename(verified(part, ref, sha256), file);
      return file;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    } finally {
      delete(as + ".part");
    }
  }

  /** Deletes a file that was written or fetched; a missing one is fine. */
  public void delete(String name) {
    Path file = file(name);
    digests.remove(file);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + file, e);
    }
  }

  /** How many files are here. */
  public int count() {
    try {
      return list().size();
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + directory, e);
    }
  }

  @Override
  public Optional<Path> find(String name) {
    return Optional.of(directory.resolve(name))
        .filter(file -> NAME.matcher(name).matches() && digests.containsKey(file))
        .filter(Files::isRegularFile);
  }

  @Override
  public String sha256Of(Path file) throws IOException {
    String known = digests.get(file);
    return known == null ? Sha256.of(file) : known;
  }

  private static Path verified(Path file, FileRef ref, Optional<String> known) {
    try {
      long bytes = Files.size(file);
      String sha256 = known.isPresent() ? known.get() : Sha256.of(file);
      if (bytes != ref.bytes() || !sha256.equals(ref.sha256())) {
        throw new SnapshotFileException.Corrupt(
            "%s: %d bytes, sha256 %s (expected: %d, %s)"
                .formatted(file, bytes, sha256, ref.bytes(), ref.sha256()));
      }
      return file;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    }
  }

  private Path file(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("name: " + name + " (expected: " + NAME + ")");
    }
    return directory.resolve(name);
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
