package plaudit.snapshots;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class VersionTrackerTest {

  private static final Instant NOW = Instant.EPOCH;

  private final VersionTracker tracker = new VersionTracker();

  @Test
  void whatIsPassedOverIsNeverFetched() {
    tracker.heard(remote(1), NOW);
    VersionTracker.News first = tracker.fetch().orElseThrow();
    tracker.heard(remote(2), NOW);
    tracker.heard(remote(3), NOW);
    assertThat(tracker.fetch()).as("one at a time").isEmpty();
    tracker.fetched(first);

    assertThat(tracker.load()).hasValue(first);
    assertThat(tracker.fetch()).as("its file makes room for the next one's").isEmpty();
    tracker.loaded();
    assertThat(tracker.fetch()).map(VersionTracker.News::snapshot).hasValue(remote(3));
  }

  @Test
  void aLocalFileNeedsNoFetching() {
    tracker.heard(at("file:/weights", 1), NOW);
    assertThat(tracker.fetch()).isEmpty();
    assertThat(tracker.load()).map(VersionTracker.News::snapshot).hasValue(at("file:/weights", 1));
  }

  @Test
  void whatDidNotComeIsFetchedAgain() {
    tracker.heard(remote(1), NOW);
    assertThat(tracker.fetch()).isPresent();
    tracker.notFetched();
    assertThat(tracker.fetch()).isPresent();
  }

  @Test
  void whatIsUnusableRestsUntilItIsTriedFromItsFileOn() {
    load(1);
    tracker.unusable();
    tracker.heard(remote(1), NOW);
    assertThat(tracker.fetch()).isEmpty();
    assertThat(tracker.load()).isEmpty();

    tracker.again();
    assertThat(tracker.fetch()).isPresent();
  }

  @Test
  void whatIsLoadedIsNotLoadedAgain() {
    load(1);
    tracker.loaded();
    tracker.again();
    tracker.heard(remote(1), NOW);
    assertThat(tracker.fetch()).isEmpty();
    assertThat(tracker.load()).isEmpty();
  }

  @Test
  void aLowerVersionOrAnotherOfTheSameNumberIsASecondLife() {
    load(5);
    tracker.loaded();
    assertThat(tracker.wentBack()).isFalse();

    tracker.heard(at("http://learner/again", 5), NOW);
    assertThat(tracker.wentBack()).isTrue();
    tracker.tookOver(true);
    assertThat(tracker.wentBack()).as("that one was loaded before").isTrue();
    tracker.tookOver(false);
    assertThat(tracker.wentBack()).isFalse();
  }

  private void load(long version) {
    tracker.heard(remote(version), NOW);
    tracker.fetched(tracker.fetch().orElseThrow());
    assertThat(tracker.load()).isPresent();
  }

  private static Snapshot remote(long version) {
    return at("http://learner/weights", version);
  }

  private static Snapshot at(String url, long version) {
    return new Snapshot(
        Model.POLICY, version, version - 1, URI.create(url), 1, "a".repeat(64), List.of());
  }
}
