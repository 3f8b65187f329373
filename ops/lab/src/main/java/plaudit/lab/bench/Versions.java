package plaudit.lab.bench;

import java.net.URI;
import java.util.List;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

/** Snapshots without files, for fleets that fetch no weights. */
final class Versions {

  private static final URI NOWHERE = URI.create("file:///nowhere");
  private static final String DIGEST = "0".repeat(64);

  private Versions() {}

  static Snapshot of(Model model, long version) {
    return new Snapshot(model, version, version - 1, NOWHERE, 0, DIGEST, List.of());
  }
}
