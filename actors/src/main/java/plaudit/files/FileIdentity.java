package plaudit.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file is at a path. A file that is open stays when its name goes: what is written to it then
 * is lost, without an error.
 */
public final class FileIdentity {

  private final Path path;
  private final @Nullable Object key;

  private FileIdentity(Path path, @Nullable Object key) {
    this.path = path;
    this.key = key;
  }

  /** The file that is there now. */
  public static FileIdentity of(Path path) {
    return new FileIdentity(path, key(path));
  }

  /** Whether no file or another one is at the path. Always false on systems that cannot tell. */
  public boolean isLost() {
    return key != null && !Objects.equals(key, key(path));
  }

  private static @Nullable Object key(Path path) {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }
}
