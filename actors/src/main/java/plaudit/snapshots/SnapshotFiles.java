package plaudit.snapshots;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import plaudit.files.AtomicFile;

/**
 * The bytes behind snapshots: a directory of {@code <model>-<version>.safetensors}. A file is there
 * whole or not at all: it is written beside its place, flushed to the disk and renamed. The
 * directory belongs to one process; within it any thread may call.
 */
public final class SnapshotFiles implements SnapshotServer.FileSource {

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotFiles.class);

  /** Below the directory, and below the URL it is served at. */
  static final String EXCHANGE = "exchange";

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
  private final boolean delta;
  private final Download download = new Download();
  private final SnapshotNames names;
  private final Digests digests = new Digests();
  private final Map<Model, Object> downloading =
      Map.of(Model.POLICY, new Object(), Model.REWARD, new Object());
  private @Nullable TransferFiles transfers;

  private SnapshotFiles(Path directory, Optional<URI> served, boolean cache, boolean delta) {
    this.directory = directory.toAbsolutePath().normalize();
    this.served = served;
    this.cache = cache;
    this.delta = delta;
    this.names = new SnapshotNames(this.directory);
    try {
      Files.createDirectories(this.directory);
      for (Path unfinished : names.list(AtomicFile.UNFINISHED)) {
        Files.delete(unfinished);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "snapshot directory: " + directory + " (expected: writable)", e);
    }
  }

  /** Snapshots written here get {@code file:} URLs. */
  public static SnapshotFiles in(Path directory) {
    return new SnapshotFiles(directory, Optional.empty(), false, false);
  }

  /**
   * Snapshots written here get URLs below {@code base}, where the directory is served.
   *
   * @param base ends with a slash
   */
  public static SnapshotFiles servedAt(Path directory, URI base) {
    return new SnapshotFiles(directory, Optional.of(checked(base)), false, false);
  }

  /**
   * Downloads of a node that needs only the newest weights: of each model the last file that was
   * fetched stays, and policy version 0, the reference.
   *
   * @param delta whether only those blocks of a version are fetched that the one before does not
   *     have. Costs reading that one through; pays where much stays as it is, as around adapters
   */
  public static SnapshotFiles cache(Path directory, boolean delta) {
    return new SnapshotFiles(directory, Optional.empty(), true, delta);
  }

  /**
   * The same, and others may fetch the {@link #transfers}: {@code base} is where they are served.
   */
  public static SnapshotFiles cacheServedAt(Path directory, boolean delta, URI base) {
    return new SnapshotFiles(directory, Optional.of(checked(base)), true, delta);
  }

  /** Bytes that were fetched so far. */
  public long received() {
    return download.received();
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

  /** Files in transfer, beside the snapshots and served with them; empty at the first call. */
  public synchronized TransferFiles transfers() {
    if (transfers == null) {
      transfers =
          new TransferFiles(
              directory.resolve(EXCHANGE), served.map(base -> base.resolve(EXCHANGE + "/")));
    }
    return transfers;
  }

  /**
   * Writes weights and describes them.
   *
   * @throws SnapshotFileException.NotWritten when that fails; nothing is left behind
   */
  public Snapshot write(
      Model model, long version, long parent, List<Probe> probes, Content content) {
    Path file = names.file(model, version);
    MessageDigest digest = Digests.sha256();
    try {
      AtomicFile.write(
          file,
          channel -> {
            OutputStream out =
                new BufferedOutputStream(
                    new DigestOutputStream(Channels.newOutputStream(channel), digest),
                    BUFFER_BYTES);
            content.writeTo(out);
            out.flush();
            Path index =
                SnapshotNames.blocksOf(file); // of a file of that name before a restart, perhaps
            Files.deleteIfExists(index);
            digests.forget(index);
          });
      String sha256 = Digests.hex(digest);
      digests.put(file, sha256);
      return new Snapshot(model, version, parent, urlOf(file), Files.size(file), sha256, probes);
    } catch (UncheckedIOException e) {
      throw new SnapshotFileException.NotWritten("%s: %s".formatted(file, e.getCause()), e);
    } catch (IOException | RuntimeException e) {
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
      case "file" -> digests.verify(Path.of(snapshot.url()), snapshot);
      case "http", "https" -> fetchRemote(snapshot);
      default ->
          throw new SnapshotFileException.Unavailable(
              "url: %s (expected: file, http or https)".formatted(snapshot.url()));
    };
  }

  /** The newest whole file of {@code model} here, described anew; probes are not kept in files. */
  public Optional<Snapshot> newest(Model model) {
    try {
      Optional<Path> file = names.newestFirst(model).stream().findFirst();
      if (file.isEmpty()) {
        return Optional.empty();
      }
      long version = SnapshotNames.versionOf(model, file.get()).orElse(0);
      String sha256 = Digests.read(file.get());
      digests.put(file.get(), sha256);
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
      for (Path old : names.newestFirst(model).stream().skip(keepNewest).toList()) {
        if (!SnapshotNames.isReference(old)) {
          forget(old);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pruning " + directory, e);
    }
  }

  /** One download of a model at a time; the models do not wait for each other. */
  private Path fetchRemote(Snapshot snapshot) {
    synchronized (Objects.requireNonNull(downloading.get(snapshot.model()))) {
      return fetchAlone(snapshot);
    }
  }

  private Path fetchAlone(Snapshot snapshot) {
    Path file = names.file(snapshot.model(), snapshot.version());
    if (Files.exists(file) && digests.matches(file, snapshot)) {
      return file;
    }
    Path part = names.part(snapshot);
    boolean resumed = Files.exists(part);
    boolean reused = delta && reuse(part, snapshot);
    download(part, snapshot);
    if (!digests.matches(part, snapshot) && (resumed || reused)) {
      discard(part);
      download(part, snapshot);
    }
    try {
      digests.verify(part, snapshot);
      AtomicFile.rename(part, file);
    } catch (SnapshotFileException.Corrupt e) {
      discard(part, e);
      throw e;
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(file, e), e);
    } finally {
      digests.forget(part);
    }
    digests.put(file, snapshot.sha256());
    if (cache) {
      forgetAllBut(snapshot);
    }
    return file;
  }

  private void download(Path part, Snapshot snapshot) {
    download
        .fill(part, snapshot.url(), snapshot.bytes())
        .ifPresent(sha256 -> digests.put(part, sha256));
  }

  /**
   * Begins {@code part} with what the newest version here has already; whether there was anything.
   * What goes wrong here is mended by a whole download.
   */
  private boolean reuse(Path part, Snapshot snapshot) {
    try {
      Optional<Path> older = sameSize(snapshot);
      if (older.isPresent()) {
        Blocks.fill(part, older.get(), snapshot, download);
      }
      return older.isPresent();
    } catch (SnapshotFileException.Unavailable | IOException e) {
      LOG.debug("[{}] is fetched as a whole", snapshot.url(), e);
      return true;
    }
  }

  private Optional<Path> sameSize(Snapshot snapshot) throws IOException {
    Optional<Path> newest = names.newestFirst(snapshot.model()).stream().findFirst();
    return newest.isPresent() && Files.size(newest.get()) == snapshot.bytes()
        ? newest
        : Optional.empty();
  }

  /** Older files of the model, and parts of downloads that will not be resumed. */
  private void forgetAllBut(Snapshot fetched) {
    Model model = fetched.model();
    try {
      Path own = names.file(model, fetched.version());
      for (Path file : names.newestFirst(model)) {
        if (!file.equals(own) && !SnapshotNames.isReference(file)) {
          forget(file);
        }
      }
      for (Path part : names.parts(model)) {
        forget(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pruning " + directory, e);
    }
  }

  private void forget(Path file) throws IOException {
    Path index = SnapshotNames.blocksOf(file);
    Files.deleteIfExists(file);
    Files.deleteIfExists(index); // last: see index()
    digests.forget(index);
    digests.forget(file);
  }

  /** Weights, or their {@link Blocks}, which are computed at the first request. */
  @Override
  public Optional<Path> find(String name) throws IOException {
    boolean blocks = name.endsWith(Blocks.SUFFIX);
    String weights = blocks ? name.substring(0, name.length() - Blocks.SUFFIX.length()) : name;
    Optional<Path> file = names.find(weights);
    return file.isPresent() && blocks ? Optional.of(index(file.get())) : file;
  }

  private synchronized Path index(Path file) throws IOException {
    Path index = SnapshotNames.blocksOf(file);
    if (!Files.exists(index)) {
      AtomicFile.write(index, Blocks.of(file).toBytes());
      if (!Files.exists(file)) { // pruned meanwhile
        Files.deleteIfExists(index);
      }
    }
    return index;
  }

  @Override
  public String sha256Of(Path file) throws IOException {
    return digests.sha256Of(file);
  }

  private URI urlOf(Path file) {
    return served.map(base -> base.resolve(file.getFileName().toString())).orElseGet(file::toUri);
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
