package plaudit.snapshots;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which published version of a model to fetch and which to load next: the newest that the registry
 * told of, one at a time, those in between passed over. Samplers and scorers follow by this one
 * rule. Knows no actor, thread or clock.
 *
 * <p>What the registry said last counts, even if its version is lower: then the learner's node
 * died, and its successor went on from an earlier checkpoint. {@link #wentBack} remembers that
 * until a version loaded afterwards is in use. A version that could not be used is not tried again
 * until {@link #again}, and then from its file on.
 */
public final class VersionTracker {

  /** A version the registry told of, and when. */
  public record News(Snapshot snapshot, Instant heard) {}

  private @Nullable News newest;
  private @Nullable News fetched;
  private @Nullable Snapshot tried;
  private boolean wentBack;
  private boolean failed;
  private boolean fetching;
  private boolean loading;

  /** The registry has announced a version, perhaps once more. */
  public void heard(Snapshot snapshot, Instant now) {
    Snapshot before = newest == null ? null : newest.snapshot();
    if (!snapshot.equals(before)) {
      wentBack |= before != null && snapshot.version() <= before.version();
      newest = new News(snapshot, now);
    }
  }

  /**
   * What to fetch now; {@link #fetched} or {@link #notFetched} follows. Nothing while a version is
   * to be loaded: its file would make room for the next one's. A local file needs no fetching.
   */
  public Optional<News> fetch() {
    News target = newest;
    if (target == null || fetching || loading || isUntried(fetched) || target.equals(fetched)) {
      return Optional.empty();
    }
    if ("file".equals(target.snapshot().url().getScheme())) {
      fetched = target;
      return Optional.empty();
    }
    fetching = true;
    return Optional.of(target);
  }

  /** The file of {@code news} is local now. */
  public void fetched(News news) {
    fetching = false;
    fetched = news;
  }

  /** The next {@link #fetch} tries again. */
  public void notFetched() {
    fetching = false;
  }

  /** What to load now; {@link #loaded} or {@link #unusable} follows. */
  public Optional<News> load() {
    News target = fetched;
    if (target == null || loading || !isUntried(target)) {
      return Optional.empty();
    }
    loading = true;
    failed = false;
    tried = target.snapshot();
    return Optional.of(target);
  }

  /** The version that was being loaded may be used. */
  public void loaded() {
    loading = false;
  }

  /** It could not be read, or is not what the learner has. */
  public void unusable() {
    loading = false;
    failed = true;
  }

  /** What was unusable may be tried once more, from the start: the file may have been the fault. */
  public void again() {
    if (failed) {
      failed = false;
      tried = null;
      fetched = null;
    }
  }

  /**
   * A version has taken over between two batches.
   *
   * @param inFlight whether it might have done so between two tokens: such a one was loaded before
   *     the registry went back
   */
  public void tookOver(boolean inFlight) {
    wentBack &= inFlight;
  }

  /** Whether the newest version is older than one before, or another with the same number. */
  public boolean wentBack() {
    return wentBack;
  }

  public boolean isFetching() {
    return fetching;
  }

  public boolean isLoading() {
    return loading;
  }

  private boolean isUntried(@Nullable News news) {
    return news != null && !news.snapshot().equals(tried);
  }
}
