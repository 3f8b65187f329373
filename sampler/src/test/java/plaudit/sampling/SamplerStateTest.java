package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import plaudit.experience.Prompt;
import plaudit.experience.Purpose;
import plaudit.experience.actor.ExperienceProtocol.Grant;
import plaudit.sampling.SamplerState.Ask;
import plaudit.sampling.SamplerState.TakeOver;
import plaudit.sampling.SamplerState.Write;
import plaudit.tokens.Tokens;

/** Of a sampler that may have two batches with scorers. */
class SamplerStateTest {

  private static final int NONE = 0;

  private final SamplerState agenda = new SamplerState(2);

  @Test
  void beforeTheFirstVersionNothingIsWrittenOrAskedFor() {
    agenda.granted(grant(7));
    assertThat(agenda.next(false, NONE)).isEmpty();

    assertThat(agenda.next(true, NONE)).hasValue(TakeOver.NOW);
    agenda.tookOver();
    assertThat(agenda.next(false, NONE)).as("it was gone when the thread came to it").isEmpty();
    agenda.uses(0);
    assertThat(agenda.next(false, NONE)).hasValue(new Write(grant(7)));
  }

  @Test
  void oneThingIsDoneAtATime() {
    agenda.uses(3);
    agenda.granted(grant(7));
    agenda.granted(grant(8));
    assertThat(agenda.next(false, NONE)).hasValue(new Write(grant(7)));
    assertThat(agenda.isWriting()).isTrue();
    assertThat(agenda.next(true, NONE)).isEmpty();

    agenda.written();
    assertThat(agenda.isWriting()).isFalse();
    assertThat(agenda.next(true, NONE)).as("a version comes first").hasValue(TakeOver.NOW);
    assertThat(agenda.isTakingOver()).isTrue();
    assertThat(agenda.next(false, NONE)).isEmpty();

    agenda.tookOver();
    assertThat(agenda.isTakingOver()).isFalse();
    assertThat(agenda.next(false, NONE)).hasValue(new Write(grant(8)));
  }

  @Test
  void workIsAskedForWhenNoneIsHeldAndNotTwice() {
    agenda.uses(3);
    assertThat(agenda.next(false, NONE)).hasValue(new Ask(3));
    assertThat(agenda.next(false, NONE)).isEmpty();

    agenda.granted(grant(7));
    assertThat(agenda.next(false, NONE)).hasValue(new Write(grant(7)));
    agenda.written();
    assertThat(agenda.next(false, 1)).hasValue(new Ask(3));
  }

  @Test
  void itIsAskedForAgainWithANewVersionOrWhenTheAnswerIsLate() {
    agenda.uses(3);
    assertThat(agenda.next(false, NONE)).hasValue(new Ask(3));
    agenda.uses(4);
    assertThat(agenda.next(false, NONE)).hasValue(new Ask(4));
    agenda.again();
    assertThat(agenda.next(false, NONE)).hasValue(new Ask(4));
    assertThat(agenda.next(false, NONE)).isEmpty();
  }

  @Test
  void whoHasAsManyBatchesWithScorersAsHeMayAsksForNoMoreButWritesWhatHeHolds() {
    agenda.uses(3);
    assertThat(agenda.next(false, 2)).isEmpty();
    agenda.granted(grant(7));
    assertThat(agenda.next(false, 2)).hasValue(new Write(grant(7)));
    agenda.written();
    assertThat(agenda.next(false, 1)).hasValue(new Ask(3));
  }

  @Test
  void aVersionMayTakeOverWhileABatchIsWritten() {
    agenda.uses(3);
    agenda.granted(grant(7));
    agenda.next(false, NONE);
    agenda.uses(4);
    assertThat(agenda.isWriting()).isTrue();
    assertThat(agenda.next(false, NONE)).isEmpty();
    agenda.written();
    assertThat(agenda.next(false, NONE)).hasValue(new Ask(4));
  }

  private static Grant grant(long batchId) {
    return new Grant(
        batchId, Purpose.POLICY, List.of(new Prompt(0, Tokens.of(1))), 1, Instant.EPOCH);
  }
}
