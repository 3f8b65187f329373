package plaudit.lab.plan;

import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;

/**
 * A sampler of the event model: writes one grant at a time, and loads one version at a time; both
 * together only where versions are swapped in flight.
 */
final class PlayedSampler {

  private final String name;
  private long loaded;
  private boolean loading;
  private int unacknowledged;
  private @Nullable PlayedGrant writing;

  PlayedSampler(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** The version it writes with. */
  long loaded() {
    return loaded;
  }

  /** Whether it begins to load the newest version now. */
  boolean mayLoad(long newest, boolean inFlight) {
    return !loading && loaded < newest && (inFlight || writing == null);
  }

  /** Whether it can begin a grant. */
  boolean mayWrite(Fleet fleet) {
    return writing == null
        && (fleet.inFlight() || !loading)
        && unacknowledged < fleet.unacknowledged();
  }

  void beginLoading() {
    loading = true;
  }

  /** From now on it writes with {@code version}, also what it has begun. */
  void endLoading(long version, double now) {
    loading = false;
    loaded = version;
    if (writing != null) {
      writing.goesOnWith(version, now);
    }
  }

  PlayedGrant beginWriting(Grant grant, double now) {
    PlayedGrant begun = new PlayedGrant(this, grant, loaded, now);
    writing = begun;
    unacknowledged++;
    return begun;
  }

  void endWriting(double now) {
    if (writing != null) {
      writing.ends(now);
    }
    writing = null;
  }

  /** A scorer has delivered a grant of it. */
  void acknowledged() {
    unacknowledged--;
  }
}
