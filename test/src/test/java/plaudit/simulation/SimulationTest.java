package plaudit.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.BitSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import plaudit.simulation.Simulation.Outcome;

/** No storm breaks a law. {@code docs/simulation.md} says what blows and what must hold. */
class SimulationTest {

  private static final long SCHEDULES = 12_000;

  @Test
  void theLawsHoldInEveryStormAndTheRunEnds() throws Exception {
    assumeTrue(System.getProperty("simulation.seed") == null, "one seed is asked for");
    Soak soak = Soak.run(0, SCHEDULES, Double.MAX_VALUE, 1);
    System.out.print(soak.report());
    assertThat(soak.broken())
        .withFailMessage(
            () ->
                PropertyFailure.of(soak.broken().get(0), Set.of()).report()
                    + "\nseeds: "
                    + soak.broken())
        .isEmpty();
    assertThat(soak.schedules()).isEqualTo(SCHEDULES);
    assertThat(soak.tally().counts())
        .as("what there was")
        .containsKeys(
            "message lost",
            "message twice",
            "message late",
            "message to a dead node",
            "cut off",
            "a sampler dies",
            "a scorer dies",
            "the buffer dies",
            "the registry dies",
            "the policy learner dies",
            "the reward learner dies",
            "a second policy learner begins",
            "the learner's node dies",
            "the run is killed and resumed",
            "learner refused",
            "batch served again",
            "delivery superseded",
            "delivery stale",
            "trajectory dropped",
            "learner waits for old work",
            "judgment amended",
            "judgment surplus",
            "question flagged",
            "a labeler stops the run",
            "learner held",
            "version held back");
  }

  /** {@code -Dsimulation.seed=N}, and perhaps {@code -Dsimulation.without=0-7,9}. */
  @Test
  @EnabledIfSystemProperty(named = "simulation.seed", matches = "\\d+")
  void oneSeedIsPlayedAgain() {
    BitSet without = Faults.numbers(System.getProperty("simulation.without", ""));
    Trace trace = Trace.written();
    Outcome outcome = Simulation.play(Long.getLong("simulation.seed", 0), without, Set.of(), trace);
    trace.lines().forEach(System.out::println);
    assertThat(outcome.broken()).isEmpty();
  }

  @Test
  void aSeedTellsTheSameStoryEachTime() {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(story(seed)).isEqualTo(story(seed)).hasSizeGreaterThan(100);
    }
    assertThat(story(1)).isNotEqualTo(story(2));
  }

  private static String story(long seed) {
    Trace trace = Trace.written();
    Simulation.play(seed, new BitSet(), Set.of(), trace);
    return String.join("\n", trace.lines());
  }
}
