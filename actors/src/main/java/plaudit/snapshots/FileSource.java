package plaudit.snapshots;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Files that a server gives away by name. */
interface FileSource {

  /**
   * The file of this name, if it is one of the shelf's and is there.
   *
   * @throws IOException if it cannot be made
   */
  Optional<Path> find(String name) throws IOException;

  /**
   * The digest of a whole file of the shelf.
   *
   * @throws IOException if it cannot be read
   */
  String sha256Of(Path file) throws IOException;
}
