package plaudit.parallel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import plaudit.compute.ComputeThread;
import plaudit.policy.GradientAccumulator;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.SnapshotServer;
import plaudit.snapshots.TransferFiles;

/** Helpers on threads of their own, each with its directory and its port; real HTTP, no actors. */
final class RealHelpers implements GradientWorkers, AutoCloseable {

  private record One(HelperEngine engine, ComputeThread thread, TransferFiles files) {}

  private final Map<String, One> helpers = new LinkedHashMap<>();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Path directory;
  private final AtomicLong ids = new AtomicLong();

  RealHelpers(Path directory) {
    this.directory = directory;
  }

  /** A directory that is served over HTTP. */
  TransferFiles files(String name) {
    try {
      SnapshotServer server = SnapshotServer.bind("127.0.0.1", 0, "127.0.0.1", 2);
      Path own = Files.createDirectories(directory.resolve(name));
      SnapshotFiles files = SnapshotFiles.servedAt(own, server.url());
      server.serve(files);
      open.add(server);
      return files.transfers();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void join(String name, Supplier<GradientAccumulator> gradients) {
    ComputeThread thread = new ComputeThread(name);
    TransferFiles files = files(name);
    HelperEngine engine = thread.run(() -> new HelperEngine(gradients.get(), files)).join();
    helpers.put(name, new One(engine, thread, files));
  }

  TransferFiles filesOf(String name) {
    One helper = helpers.get(name);
    if (helper == null) {
      throw new IllegalArgumentException(name);
    }
    return helper.files();
  }

  @Override
  public List<String> present() {
    return List.copyOf(helpers.keySet());
  }

  @Override
  public CompletableFuture<Gradient> ask(String name, Work work) {
    One helper = helpers.get(name);
    if (helper == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("it is gone"));
    }
    return helper.thread().run(() -> helper.engine().compute(ids.incrementAndGet(), work));
  }

  @Override
  public void close() throws Exception {
    for (One helper : helpers.values()) {
      helper.thread().run(() -> close(helper.engine())).join();
      helper.thread().close();
    }
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  private static boolean close(HelperEngine engine) {
    engine.close();
    return true;
  }
}
