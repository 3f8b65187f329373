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
import plaudit.files.Sha256;

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
  private @Nullable SnapshotStore store;
  private @Nullable Locator locator;
  private boolean shared;
  private boolean compressed;

  /** Knows where the bytes of a URL are that is not of HTTP. */
  @FunctionalInterface
  public interface Locator {
    /**
     * An {@code http(s):} URL for {@code url}.
     *
     * @throws IOException when there is none
     */
    URI locate(URI url) throws IOException;
  }

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

  /** From now on what is written goes to {@code store} too, and is announced to be there. */
  public SnapshotFiles storingIn(SnapshotStore store) {
    this.store = store;
    return this;
  }

  /** {@code s3:} URLs are fetched from where {@code locator} says. */
  public SnapshotFiles locatedBy(Locator locator) {
    this.locator = locator;
    return this;
  }

  /** What is fetched is served to others, who hear of it from the server it came from. */
  public SnapshotFiles sharing() {
    shared = true;
    return this;
  }

  /** What comes over HTTP is compressed on its way, against the version that is here. */
  public SnapshotFiles compressing() {
    compressed = true;
    return this;
  }

  /** Bytes that were fetched so far, as they travelled. */
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
   * Writes weights and describes them. If there is a store that does not take them, they are
   * announced to be here.
   *
   * @throws SnapshotFileException.NotWritten when that fails; nothing is left behind
   */
  public Snapshot write(
      Model model, long version, long parent, List<Probe> probes, Content content) {
    Path file = names.file(model, version);
    MessageDigest digest = Sha256.digest();
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
      String sha256 = Sha256.hex(digest);
      digests.put(file, sha256);
      return stored(
          file,
          new Snapshot(model, version, parent, urlOf(file), Files.size(file), sha256, probes));
    } catch (UncheckedIOException e) {
      throw new SnapshotFileException.NotWritten("%s: %s".formatted(file, e.getCause()), e);
    } catch (IOException | RuntimeException e) {
      throw new SnapshotFileException.NotWritten("%s: %s".formatted(file, e), e);
    }
  }

  private Snapshot stored(Path file, Snapshot here) {
    if (store == null) {
      return here;
    }
    try {
      URI url = store.put(file, here);
      return new Snapshot(
          here.model(),
          here.version(),
          here.parent(),
          url,
          here.bytes(),
          here.sha256(),
          here.probes());
    } catch (IOException e) {
      LOG.warn(
          "[{}] version [{}] is not in the snapshot store, it is served from here: [{}]",
          here.model(),
          here.version(),
          e.getMessage());
      return here;
    }
  }

  /**
   * The weights as a local file. A {@code file:} URL is used in place; one of HTTP, of a shared
   * mount or of an object store is downloaded into the directory, unless it is there already. What
   * a broken download brought is kept and used by the next call.
   *
   * @throws SnapshotFileException.Unavailable when the bytes cannot be had now
   * @throws SnapshotFileException.Corrupt when they are not those of {@code snapshot}
   */
  public Path fetch(Snapshot snapshot) {
    String scheme = String.valueOf(snapshot.url().getScheme());
    return switch (scheme) {
      case "file" -> digests.verify(Path.of(snapshot.url()), snapshot);
      case "http", "https", "s3", DirectoryObjects.SCHEME -> fetchRemote(snapshot);
      default ->
          throw new SnapshotFileException.Unavailable(
              "url: %s (expected: file, http, https, s3 or mount)".formatted(snapshot.url()));
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
      String sha256 = Sha256.of(file.get());
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
    if (store != null) {
      store.prune(model, keepNewest);
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
    boolean reused = delta && isHttp(snapshot.url()) && reuse(part, snapshot);
    Optional<URI> peer = download(part, snapshot, Optional.empty());
    if (!digests.matches(part, snapshot) && (resumed || reused || peer.isPresent())) {
      discard(part);
      download(part, snapshot, peer);
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
    if (shared && isHttp(snapshot.url())) {
      served.ifPresent(base -> download.announce(snapshot.url(), urlOf(file)));
    }
    if (cache) {
      forgetAllBut(snapshot);
    }
    return file;
  }

  /** The other node that sent it, if it was not the snapshot's own server. */
  private Optional<URI> download(Path part, Snapshot snapshot, Optional<URI> not) {
    URI url = snapshot.url();
    if (DirectoryObjects.SCHEME.equals(url.getScheme())) {
      digests.put(part, copy(DirectoryObjects.path(url), part));
      return Optional.empty();
    }
    Download.Filled filled = download.fill(part, source(snapshot), snapshot.bytes(), not);
    filled.sha256().ifPresent(sha256 -> digests.put(part, sha256));
    return filled.peer();
  }

  private static String copy(Path from, Path part) {
    MessageDigest digest = Sha256.digest();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(part), digest)) {
      Files.copy(from, out);
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw new SnapshotFileException.Unavailable("%s: %s".formatted(from, e), e);
    }
  }

  private Download.Source source(Snapshot snapshot) {
    URI url = snapshot.url();
    Locator by = locator;
    if (by != null && "s3".equals(url.getScheme())) {
      return new Download.Source(url, () -> by.locate(url), Download.Compression.NONE);
    }
    return new Download.Source(url, () -> url, compression(snapshot));
  }

  private Download.Compression compression(Snapshot snapshot) {
    if (!compressed) {
      return Download.Compression.NONE;
    }
    try {
      Optional<Path> older = sameSize(snapshot);
      String digest = older.isPresent() ? digests.sha256Of(older.get()) : "";
      return new Download.Compression(true, older, digest);
    } catch (IOException e) {
      return new Download.Compression(true, Optional.empty(), "");
    }
  }

  /** Stores have no {@link Blocks}: they are made by a learner's server when they are asked for. */
  private static boolean isHttp(URI url) {
    return String.valueOf(url.getScheme()).startsWith("http");
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
