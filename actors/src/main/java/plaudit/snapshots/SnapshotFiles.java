package plaudit.snapshots;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes behind snapshots: a directory of {@code <model>-<version>.safetensors}. A file is there
 * whole or not at all: it is written beside its place, flushed to the disk and renamed. The
 * directory belongs to one process; within it any thread may call.
 */
public final class SnapshotFiles implements Shelf {

  /** Below the directory, and below the URL it is served at. */
  static final String EXCHANGE = "exchange";

  private static final Pattern NAME = Pattern.compile("[a-z]+-[0-9]{1,18}\\.safetensors");
  private static final String SUFFIX = ".safetensors";
  private static final String PART = ".part";

  /** Buffered, so that a writer of small pieces does not pay for each. */
  private static final int BUFFER_BYTES = 1 << 20;

  /** Writes the weights. */
  public interface Content {
    /** Writes all bytes to {@code out}; need not flush, must not close. */
    void writeTo(OutputStream out) throws IOException;
  }

  private final Path directory;
  private final Optional<URI> served;
  private final boolean cache;
  private final Download download = new Download();
  private @Nullable Parcels parcels;

  /** Digests that were seen to be right, by file: weights are read through once. */
  private final Map<Path, String> verified = new ConcurrentHashMap<>();

  private SnapshotFiles(Path directory, Optional<URI> served, boolean cache) {
    this.directory = directory.toAbsolutePath().normalize();
    this.served = served;
    this.cache = cache;
    try {
      Files.createDirectories(this.directory);
      for (Path unfinished : list(".tmp")) {
        Files.delete(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "snapshot directory: " + directory + " (expected: writable)", e);
    }
  }

  /** Snapshots written here get {@code file:} URLs. */
  public static SnapshotFiles in(Path directory) {
    return new SnapshotFiles(directory, Optional.empty(), false);
  }

  /**
   * Snapshots written here get URLs below {@code base}, where somebody serves the directory.
   *
   * @param base ends with a slash
   */
  public static SnapshotFiles servedAt(Path directory, URI base) {
    return new SnapshotFiles(directory, Optional.of(checked(base)), false);
  }

  /**
   * Downloads of somebody who only wants the newest weights: of each model the last file that was
   * fetched stays, and policy version 0, the reference.
   */
  public static SnapshotFiles cache(Path directory) {
    return new SnapshotFiles(directory, Optional.empty(), true);
  }

  /** The same, and others may fetch the {@link #parcels}: {@code base} is where they are served. */
  public static SnapshotFiles cacheServedAt(Path directory, URI base) {
    return new SnapshotFiles(directory, Optional.of(checked(base)), true);
  }

  private static URI checked(URI base) {
    if (!base.toString().endsWith("/")) {
      throw new IllegalArgumentException("base: " + base + " (expected: ends with /)");
    }
    return base;
  }

  /** Where the files are. */
  public Path directory() {
    return directory;
  }

  /** Files of a moment, beside the snapshots and served with them; empty at the first call. */
  public synchronized Parcels parcels() {
    if (parcels == null) {
      parcels =
          new Parcels(
              directory.resolve(EXCHANGE), served.map(base -> base.resolve(EXCHANGE + "/")));
    }
    return parcels;
  }

  /**
   * Writes weights and describes them.
   *
   * @throws SnapshotFileException.NotWritten when that fails; nothing is left behind
   */
  public Snapshot write(
      Model model, long version, long parent, List<Probe> probes, Content content) {
    Path file = file(model, version);
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    MessageDigest digest = Digests.sha256();
    try {
      try (FileChannel channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        OutputStream out =
            new BufferedOutputStream(
                new DigestOutputStream(Channels.newOutputStream(channel), digest), BUFFER_BYTES);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      long bytes = Files.size(unfinished);
      String sha256 = Digests.hex(digest);
      Snapshot snapshot = new Snapshot(model, version, parent, urlOf(file), bytes, sha256, probes);
      settle(unfinished, file);
      verified.put(file, sha256);
      return snapshot;
    } catch (IOException | RuntimeException e) {
      discard(unfinished, e);
      throw new SnapshotFileException.NotWritten("%s: %s".formatted(file, e), e);
    }
  }

  /**
   * The weights as a local file. A {@code file:} URL is used in place; an {@code http(s):} one is
   * downloaded into the directory, unless it is there already. What a broken download brought is
   * kept and used by the next call.
   *
   * @throws SnapshotFileException.Unavailable when the bytes cannot be had now
   * @throws SnapshotFileException.Corrupt when they are not those of {@code snapshot}
   */
  public Path fetch(Snapshot snapshot) {
    String scheme = String.valueOf(snapshot.url().getScheme());
    return switch (scheme) {
      case "file" -> verify(Path.of(snapshot.url()), snapshot);
      case "http", "https" -> fetchRemote(snapshot);
      default ->
          throw new SnapshotFileException.Unavailable(
              "url: %s (expected: file, http or https)".formatted(snapshot.url()));
    };
  }

  /** The newest whole file of {@code model} here, described anew; probes are not kept in files. */
  public Optional<Snapshot> newest(Model model) {
    try {
      Optional<Path> file =
          list(SUFFIX).stream()
              .filter(f -> versionOf(model, f).isPresent())
              .max(Comparator.comparingLong((Path f) -> versionOf(model, f).orElse(0)));
      if (file.isEmpty()) {
        return Optional.empty();
      }
      long version = versionOf(model, file.get()).orElse(0);
      String sha256 = Digests.sha256Of(file.get());
      verified.put(file.get(), sha256);
      return Optional.of(
          new Snapshot(
              model,
              version,
              version - 1,
              urlOf(file.get()),
              Files.size(file.get()),
              sha256,
              List.of()));
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + directory, e);
    }
  }

  /** Deletes all but the newest files of {@code model}; policy version 0, the reference, stays. */
  public void prune(Model model, int keepNewest) {
    if (keepNewest < 1) {
      throw new IllegalArgumentException("keepNewest: " + keepNewest + " (expected: >= 1)");
    }
    try {
      List<Path> newestFirst =
          list(SUFFIX).stream()
              .filter(file -> versionOf(model, file).isPresent())
              .sorted(
                  Comparator.comparingLong((Path f) -> versionOf(model, f).orElse(0)).reversed())
              .toList();
      for (Path old :
          newestFirst.subList(Math.min(keepNewest, newestFirst.size()), newestFirst.size())) {
        if (!isReference(model, versionOf(model, old).orElse(-1))) {
          Files.deleteIfExists(old);
          verified.remove(old);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pruning " + directory, e);
    }
  }

  private synchronized Path fetchRemote(Snapshot snapshot) {
    Path file = file(snapshot.model(), snapshot.version());
    if (isVerified(file, snapshot)) {
      return file;
    }
    Path part = file.resolveSibling(snapshot.model().slug() + "-" + snapshot.sha256() + PART);
    boolean resumed = Files.exists(part);
    download.fill(part, snapshot.url(), snapshot.bytes());
    if (!matches(part, snapshot) && resumed) {
      discard(part);
      download.fill(part, snapshot.url(), snapshot.bytes());
    }
    try {
      verify(part, snapshot);
      settle(part, file);
    } catch (SnapshotFileException.Corrupt e) {
      discard(part, e);
      throw e;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    } finally {
      verified.remove(part);
    }
    verified.put(file, snapshot.sha256());
    if (cache) {
      forgetAllBut(snapshot);
    }
    return file;
  }

  /** Older files of the model, and parts of downloads that nobody will go on with. */
  private void forgetAllBut(Snapshot fetched) {
    Model model = fetched.model();
    try {
      for (Path file : list("")) {
        String name = file.getFileName().toString();
        long version = versionOf(model, file).orElse(-1);
        boolean old = version >= 0 && version != fetched.version() && !isReference(model, version);
        if (old || (name.startsWith(model.slug() + "-") && name.endsWith(PART))) {
          Files.deleteIfExists(file);
          verified.remove(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pruning " + directory, e);
    }
  }

  @Override
  public Optional<Path> find(String name) {
    return Optional.of(directory.resolve(name))
        .filter(file -> NAME.matcher(name).matches() && Files.isRegularFile(file));
  }

  /** The digest of a whole file here, read through once. */
  @Override
  public String sha256Of(Path file) throws IOException {
    String known = verified.get(file);
    if (known == null) {
      known = Digests.sha256Of(file);
      verified.put(file, known);
    }
    return known;
  }

  private boolean isVerified(Path file, Snapshot snapshot) {
    return Files.exists(file) && matches(file, snapshot);
  }

  private boolean matches(Path file, Snapshot snapshot) {
    try {
      verify(file, snapshot);
      return true;
    } catch (SnapshotFileException.Corrupt e) {
      return false;
    }
  }

  private Path verify(Path file, Snapshot snapshot) {
    try {
      long bytes = Files.size(file);
      if (bytes != snapshot.bytes()) {
        throw new SnapshotFileException.Corrupt(
            "%s: %d bytes (expected: %d)".formatted(file, bytes, snapshot.bytes()));
      }
      if (snapshot.sha256().equals(verified.get(file))) {
        return file;
      }
      String sha256 = Digests.sha256Of(file);
      if (!sha256.equals(snapshot.sha256())) {
        throw new SnapshotFileException.Corrupt(
            "%s: sha256 %s (expected: %s)".formatted(file, sha256, snapshot.sha256()));
      }
      verified.put(file, sha256);
      return file;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    }
  }

  private Path file(Model model, long version) {
    return directory.resolve(model.slug() + "-" + version + SUFFIX);
  }

  private static boolean isReference(Model model, long version) {
    return model == Model.POLICY && version == 0;
  }

  private static OptionalLong versionOf(Model model, Path file) {
    String name = file.getFileName().toString();
    String prefix = model.slug() + "-";
    String version =
        name.startsWith(prefix) && name.endsWith(SUFFIX)
            ? name.substring(prefix.length(), name.length() - SUFFIX.length())
            : "";
    return version.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(version))
        : OptionalLong.empty();
  }

  private URI urlOf(Path file) {
    return served.map(base -> base.resolve(file.getFileName().toString())).orElseGet(file::toUri);
  }

  private List<Path> list(String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(suffix))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  /** Renames, and makes the name as durable as the bytes where directories can be flushed. */
  private static void settle(Path unfinished, Path file) throws IOException {
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    if (File.separatorChar == '/') {
      try (FileChannel directory =
          FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  private static void discard(Path unfinished, Exception because) {
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  private static void discard(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(part, e), e);
    }
  }
}
