package plaudit.snapshots;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/**
 * A place that all nodes of a run reach and that no node is: a bucket of an object store, or a
 * directory on a shared mount. Objects are there whole or not at all. Any thread may call. Messages
 * of exceptions are one line.
 */
public interface ObjectStore extends AutoCloseable {

  /** Stores a file, in place of an object of that name. */
  void put(String name, Path file) throws IOException;

  /** Stores bytes, in place of an object of that name. */
  void put(String name, byte[] content) throws IOException;

  /** Names of all objects. */
  List<String> list() throws IOException;

  /** Deletes an object; a missing one is fine. */
  void delete(String name) throws IOException;

  /** By what {@link SnapshotFiles#fetch} finds an object. */
  URI url(String name);

  @Override
  void close();
}
