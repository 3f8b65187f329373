package plaudit.snapshots;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;

/**
 * Objects as files of a directory that all nodes have at the same path. Their URLs are {@code
 * mount:} and not {@code file:}, so that readers copy them: weights are mapped into memory, and a
 * mapped file that another machine deletes ends the process.
 */
public final class DirectoryObjects implements ObjectStore {

  static final String SCHEME = "mount";

  private final Path directory;

  /**
   * A directory below a mount.
   *
   * @param what the setting, for messages
   * @param mount must exist: where nothing is mounted, nothing is to be written
   * @param below made if need be
   * @throws InvalidInputException if the mount is not there or cannot be written to
   */
  public DirectoryObjects(String what, Path mount, String below) {
    if (!Files.isDirectory(mount)) {
      throw InvalidInputException.of(
          what, mount.toUri(), "a directory that is there, mounted on all nodes");
    }
    directory = mount.resolve(below);
    try {
      put("store", "written by a learner\n".getBytes(UTF_8));
      for (String name : names()) {
        if (name.endsWith(AtomicFile.UNFINISHED)) {
          Files.deleteIfExists(directory.resolve(name));
        }
      }
    } catch (IOException e) {
      throw InvalidInputException.of(what, mount.toUri(), "a directory to write to: " + e);
    }
  }

  @Override
  public void put(String name, Path file) throws IOException {
    write(name, channel -> Files.copy(file, Channels.newOutputStream(channel)));
  }

  @Override
  public void put(String name, byte[] content) throws IOException {
    write(name, channel -> Channels.newOutputStream(channel).write(content));
  }

  private void write(String name, AtomicFile.Content content) throws IOException {
    try {
      AtomicFile.write(directory.resolve(name), content);
    } catch (UncheckedIOException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  @Override
  public List<String> list() throws IOException {
    return names().stream().filter(name -> !name.endsWith(AtomicFile.UNFINISHED)).toList();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public void delete(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(name));
  }

  @Override
  public URI url(String name) {
    return URI.create(SCHEME + ":" + directory.resolve(name).toUri().getRawPath());
  }

  /** The file of a URL. */
  static Path path(URI url) {
    return Path.of(URI.create("file:" + url.getRawSchemeSpecificPart()));
  }

  @Override
  public void close() {}
}
