package plaudit.sampling;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import plaudit.experience.Grant;
import plaudit.sampling.PolicyEngine.Candidate;
import plaudit.sampling.SamplerMeters.Phase;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.VersionTracker;
import plaudit.snapshots.VersionTracker.News;

/**
 * Everything a sampler knows of where it is: which policy version it has, fetches and loads, and
 * which batch it writes. Events come in by the methods, {@link #next} says what to begin. Knows no
 * actor, thread or clock.
 *
 * <p>Two machines run side by side. Versions ({@link VersionTracker} chooses which):
 *
 * <pre>
 *   idle       | heard, the file is remote   -> fetching    Fetch
 *   idle       | heard, the file is local    -> loading     Load
 *   fetching   | fetched                     -> loading     Load
 *   fetching   | notFetched                  -> idle        fetched again by a later next
 *   loading    | loaded                      -> waiting
 *   loading    | unusable                    -> idle        tried again, from its file on, after again
 *   waiting    | a later version is to load  -> loading     Load; the version that waited is dropped
 *   waiting    | tookOver, between batches   -> in use
 *   waiting    | swapped, between tokens     -> in use      only if it was loaded to be swapped in flight
 * </pre>
 *
 * <p>Work, one thing at a time, nothing before the first version is in use:
 *
 * <pre>
 *   nothing    | a version waits             -> taking over TakeOver
 *   nothing    | a batch is held             -> writing     Write
 *   nothing    | no batch is held            -> nothing     Ask, unless the question is out already or
 *                                                           as many batches as allowed are with scorers
 *   taking over| tookOver                    -> nothing
 *   writing    | written                     -> nothing
 * </pre>
 *
 * <p>No work is begun while a version is loading, unless it may be swapped in flight: the batch
 * would be a version older than need be. After the registry went back to an earlier version nothing
 * is swapped in flight until a version loaded since has taken over: no response is of two lives of
 * a policy.
 */
public final class SamplerState {

  /** What to begin; it counts as begun. */
  public sealed interface Due {}

  /** The file of this version is to be fetched; {@link #fetched} or {@link #notFetched} follows. */
  public record Fetch(News news) implements Due {}

  /** This version is to be loaded and checked; {@link #loaded} or {@link #unusable} follows. */
  public record Load(Candidate candidate) implements Due {}

  /** The version that waits is to take over; {@link #tookOver} follows. */
  public enum TakeOver implements Due {
    NOW
  }

  /** This batch is to be written; {@link #written} follows. */
  public record Write(Grant grant) implements Due {}

  /** Work is to be asked for with this version; {@link #granted} follows, or not. */
  public record Ask(long version) implements Due {}

  private enum Work {
    NONE,
    TAKING_OVER,
    WRITING
  }

  private final VersionTracker tracker = new VersionTracker();
  private final int unacknowledged;
  private final boolean inFlight;

  /**
   * Nearly always one at most. But a sampler that asks again, with a newer version or since the
   * answer is late, may get two answers, and one that was dropped would be missed until its lease
   * runs out.
   */
  private final Deque<Grant> granted = new ArrayDeque<>();

  private Work work = Work.NONE;
  private @Nullable Candidate waiting;
  private @Nullable Candidate inUse;

  /** Whether the buffer has a question: a second one would win work that others could begin now. */
  private boolean asked;

  /**
   * A sampler that has neither a version nor work.
   *
   * @param unacknowledged batches that may be with scorers when it asks for more
   * @param inFlight whether versions may be swapped between two tokens
   */
  public SamplerState(int unacknowledged, boolean inFlight) {
    this.unacknowledged = unacknowledged;
    this.inFlight = inFlight;
  }

  /**
   * The next thing to begin; to be called until nothing is due.
   *
   * @param delivering batches that are with scorers
   */
  public Optional<Due> next(int delivering) {
    News fetch = tracker.fetch().orElse(null);
    if (fetch != null) {
      return Optional.of(new Fetch(fetch));
    }
    boolean swap = inFlight && !tracker.wentBack();
    News load = tracker.load().orElse(null);
    if (load != null) {
      waiting = null;
      return Optional.of(new Load(new Candidate(load.snapshot(), load.heard(), swap)));
    }
    if (work != Work.NONE || (tracker.isLoading() && !swap)) {
      return Optional.empty();
    }
    if (waiting != null) {
      work = Work.TAKING_OVER;
      return Optional.of(TakeOver.NOW);
    }
    if (inUse == null) {
      return Optional.empty();
    }
    if (!granted.isEmpty()) {
      work = Work.WRITING;
      return Optional.of(new Write(granted.remove()));
    }
    if (!asked && delivering < unacknowledged) {
      asked = true;
      return Optional.of(new Ask(inUse.version()));
    }
    return Optional.empty();
  }

  /** The registry has announced a version, perhaps once more. */
  public void heard(Snapshot snapshot, Instant now) {
    tracker.heard(snapshot, now);
  }

  public void fetched(News news) {
    tracker.fetched(news);
  }

  public void notFetched() {
    tracker.notFetched();
  }

  /** It passed the check, and waits unless it was swapped in already. */
  public void loaded(Candidate candidate) {
    tracker.loaded();
    if (!candidate.equals(inUse)) {
      waiting = candidate;
    }
  }

  /** It could not be read, or did not pass the check: the version before goes on. */
  public void unusable() {
    tracker.unusable();
  }

  /**
   * A version has taken over between two batches.
   *
   * @param candidate empty if it was gone by then: swapped in before, or dropped for a later one
   */
  public void tookOver(Optional<Candidate> candidate) {
    work = Work.NONE;
    candidate.ifPresent(
        version -> {
          tracker.tookOver(version.inFlight());
          swapped(version);
        });
  }

  /** A version is written with from now on, perhaps since the middle of a batch. */
  public void swapped(Candidate candidate) {
    if (candidate.equals(waiting)) {
      waiting = null;
    }
    inUse = candidate;
    asked = false;
  }

  /** A batch is written, or could not be. */
  public void written() {
    work = Work.NONE;
  }

  /** The buffer has answered. */
  public void granted(Grant grant) {
    asked = false;
    granted.add(grant);
  }

  /**
   * Questions may have got lost: work is asked for once more, and a version that was unusable is
   * tried once more.
   */
  public void again() {
    tracker.again();
    asked = false;
  }

  /**
   * What the sampler does now.
   *
   * @param delivering batches that are with scorers
   */
  public Phase phase(int delivering) {
    if (work == Work.WRITING) {
      return Phase.GENERATING;
    }
    if (work == Work.TAKING_OVER || tracker.isLoading()) {
      return Phase.LOADING;
    }
    if (tracker.isFetching()) {
      return Phase.FETCHING;
    }
    return delivering == 0 ? Phase.IDLE : Phase.DELIVERING;
  }
}
