package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import plaudit.experience.Grant;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.sampling.PolicyEngine.Candidate;
import plaudit.sampling.SamplerMeters.Phase;
import plaudit.sampling.SamplerState.Ask;
import plaudit.sampling.SamplerState.Fetch;
import plaudit.sampling.SamplerState.Load;
import plaudit.sampling.SamplerState.TakeOver;
import plaudit.sampling.SamplerState.Write;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.tokens.Tokens;

/** A sampler that may have two batches with scorers; where it is not said, without swaps. */
class SamplerStateTest {

  private static final int NONE = 0;

  private SamplerState state = new SamplerState(2, false);

  @Test
  void beforeTheFirstVersionNothingIsWrittenOrAskedFor() {
    state.granted(grant(7));
    assertThat(state.next(NONE)).isEmpty();

    Candidate first = load(0);
    assertThat(state.next(NONE)).as("while it loads").isEmpty();
    state.loaded(first);
    assertThat(state.next(NONE)).hasValue(TakeOver.NOW);
    Candidate second = load(1);
    state.tookOver(Optional.empty());
    assertThat(state.next(NONE)).as("it was gone when the thread came to it").isEmpty();
    state.loaded(second);
    assertThat(state.next(NONE)).hasValue(TakeOver.NOW);
    state.tookOver(Optional.of(second));
    assertThat(state.next(NONE)).hasValue(new Write(grant(7)));
  }

  @Test
  void oneThingIsDoneAtATime() {
    use(3);
    state.granted(grant(7));
    state.granted(grant(8));
    assertThat(state.next(NONE)).hasValue(new Write(grant(7)));
    assertThat(state.phase(NONE)).isEqualTo(Phase.GENERATING);
    Candidate next = load(4);
    state.loaded(next);
    assertThat(state.next(NONE)).isEmpty();

    state.written();
    assertThat(state.phase(NONE)).isEqualTo(Phase.IDLE);
    assertThat(state.next(NONE)).as("a version comes first").hasValue(TakeOver.NOW);
    assertThat(state.phase(NONE)).isEqualTo(Phase.LOADING);
    assertThat(state.next(NONE)).isEmpty();

    state.tookOver(Optional.of(next));
    assertThat(state.phase(NONE)).isEqualTo(Phase.IDLE);
    assertThat(state.next(NONE)).hasValue(new Write(grant(8)));
  }

  @Test
  void workIsAskedForWhenNoneIsHeldAndNotTwice() {
    use(3);
    assertThat(state.next(NONE)).hasValue(new Ask(3));
    assertThat(state.next(NONE)).isEmpty();

    state.granted(grant(7));
    assertThat(state.next(NONE)).hasValue(new Write(grant(7)));
    state.written();
    assertThat(state.next(1)).hasValue(new Ask(3));
  }

  @Test
  void itIsAskedForAgainWithANewVersionOrWhenTheAnswerIsLate() {
    use(3);
    assertThat(state.next(NONE)).hasValue(new Ask(3));
    use(4);
    assertThat(state.next(NONE)).hasValue(new Ask(4));
    state.again();
    assertThat(state.next(NONE)).hasValue(new Ask(4));
    assertThat(state.next(NONE)).isEmpty();
  }

  @Test
  void whoHasAsManyBatchesWithScorersAsHeMayAsksForNoMoreButWritesWhatHeHolds() {
    use(3);
    assertThat(state.next(2)).isEmpty();
    state.granted(grant(7));
    assertThat(state.next(2)).hasValue(new Write(grant(7)));
    state.written();
    assertThat(state.next(1)).hasValue(new Ask(3));
  }

  @Test
  void aVersionMayTakeOverWhileABatchIsWritten() {
    state = new SamplerState(2, true);
    use(3);
    state.granted(grant(7));
    assertThat(state.next(NONE)).hasValue(new Write(grant(7)));
    Candidate next = load(4);
    state.swapped(next);
    state.loaded(next); // its own message is slower
    assertThat(state.phase(NONE)).isEqualTo(Phase.GENERATING);
    assertThat(state.next(NONE)).isEmpty();
    state.written();
    assertThat(state.next(NONE)).hasValue(new Ask(4));
  }

  @Test
  void whileAVersionIsLoadedNothingIsBegunUnlessItMayBeSwappedIn() {
    use(3);
    load(4);
    assertThat(state.next(NONE)).isEmpty();

    state = new SamplerState(2, true);
    use(3);
    load(4);
    assertThat(state.next(NONE)).hasValue(new Ask(3));
  }

  @Test
  void aVersionThatIsUnusableIsPassedOver() {
    use(3);
    load(4);
    state.unusable();
    assertThat(state.next(NONE)).hasValue(new Ask(3));
    state.again();
    assertThat(state.next(NONE)).map(Load.class::cast).isPresent();
  }

  @Test
  void afterTheRegistryWentBackNothingIsSwappedInUntilALaterVersionTookOver() {
    state = new SamplerState(2, true);
    use(5);
    Candidate before = load(6);
    assertThat(before.inFlight()).isTrue();
    state.loaded(before);
    Candidate back = load(4);
    assertThat(back.inFlight()).isFalse();
    assertThat(state.next(NONE)).as("while it loads").isEmpty();
    state.loaded(back);
    assertThat(state.next(NONE)).hasValue(TakeOver.NOW);
    state.tookOver(Optional.of(back));
    assertThat(load(5).inFlight()).isTrue();
  }

  @Test
  void aRemoteFileIsFetchedWhileABatchIsWritten() {
    use(3);
    state.granted(grant(7));
    assertThat(state.next(NONE)).hasValue(new Write(grant(7)));
    state.heard(at("http://learner/weights", 4), Instant.EPOCH);
    Fetch fetch = (Fetch) state.next(NONE).orElseThrow();
    assertThat(state.next(NONE)).isEmpty();
    state.written();
    assertThat(state.phase(NONE)).isEqualTo(Phase.FETCHING);
    assertThat(state.next(NONE)).hasValue(new Ask(3));
    state.fetched(fetch.news());
    assertThat(state.next(NONE)).map(Load.class::cast).isPresent();
  }

  private void use(long version) {
    Candidate candidate = load(version);
    state.loaded(candidate);
    assertThat(state.next(NONE)).hasValue(TakeOver.NOW);
    state.tookOver(Optional.of(candidate));
  }

  private Candidate load(long version) {
    state.heard(at("file:/weights", version), Instant.EPOCH);
    return ((Load) state.next(NONE).orElseThrow()).candidate();
  }

  private static Snapshot at(String url, long version) {
    return new Snapshot(
        Model.POLICY, version, version - 1, URI.create(url), 1, "a".repeat(64), List.of());
  }

  private static Grant grant(long batchId) {
    return new Grant(
        batchId, Purpose.POLICY, List.of(new Prompt(0, Tokens.of(1))), 1, Instant.EPOCH);
  }
}
