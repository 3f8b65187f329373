package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;

class PolicyVersionTrackerTest {

  private static final Instant NOW = Instant.EPOCH;

  private final PolicyVersionTracker pursuit = new PolicyVersionTracker();

  @Test
  void whatIsPassedOverIsNeverFetched() {
    pursuit.heard(remote(1), NOW);
    PolicyVersionTracker.News first = pursuit.fetch().orElseThrow();
    pursuit.heard(remote(2), NOW);
    pursuit.heard(remote(3), NOW);
    assertThat(pursuit.fetch()).as("one at a time").isEmpty();
    pursuit.fetched(first);

    assertThat(pursuit.load()).hasValue(first);
    assertThat(pursuit.fetch()).as("its file makes room for the next one's").isEmpty();
    pursuit.loaded();
    assertThat(pursuit.fetch()).map(PolicyVersionTracker.News::snapshot).hasValue(remote(3));
  }

  @Test
  void aLocalFileNeedsNoFetching() {
    pursuit.heard(at("file:/weights", 1), NOW);
    assertThat(pursuit.fetch()).isEmpty();
    assertThat(pursuit.load())
        .map(PolicyVersionTracker.News::snapshot)
        .hasValue(at("file:/weights", 1));
  }

  @Test
  void whatDidNotComeIsFetchedAgain() {
    pursuit.heard(remote(1), NOW);
    assertThat(pursuit.fetch()).isPresent();
    pursuit.notFetched();
    assertThat(pursuit.fetch()).isPresent();
  }

  @Test
  void whatIsUnusableRestsUntilItIsTriedFromItsFileOn() {
    load(1);
    pursuit.unusable();
    pursuit.heard(remote(1), NOW);
    assertThat(pursuit.fetch()).isEmpty();
    assertThat(pursuit.load()).isEmpty();

    pursuit.again();
    assertThat(pursuit.fetch()).isPresent();
  }

  @Test
  void whatIsLoadedIsNotLoadedAgain() {
    load(1);
    pursuit.loaded();
    pursuit.again();
    pursuit.heard(remote(1), NOW);
    assertThat(pursuit.fetch()).isEmpty();
    assertThat(pursuit.load()).isEmpty();
  }

  @Test
  void aLowerVersionOrAnotherOfTheSameNumberIsASecondLife() {
    load(5);
    pursuit.loaded();
    assertThat(pursuit.wentBack()).isFalse();

    pursuit.heard(at("http://learner/again", 5), NOW);
    assertThat(pursuit.wentBack()).isTrue();
    pursuit.tookOver(true);
    assertThat(pursuit.wentBack()).as("that one was loaded before").isTrue();
    pursuit.tookOver(false);
    assertThat(pursuit.wentBack()).isFalse();
  }

  private void load(long version) {
    pursuit.heard(remote(version), NOW);
    pursuit.fetched(pursuit.fetch().orElseThrow());
    assertThat(pursuit.load()).isPresent();
  }

  private static Snapshot remote(long version) {
    return at("http://learner/weights", version);
  }

  private static Snapshot at(String url, long version) {
    return new Snapshot(
        Model.POLICY, version, version - 1, URI.create(url), 1, "a".repeat(64), List.of());
  }
}
