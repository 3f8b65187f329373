package plaudit.lab.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import plaudit.experience.OnStale;
import plaudit.input.InvalidInputException;
import plaudit.lab.plan.Forecast.Bottleneck;

/** Formula and event model, against arithmetic and against each other. */
class PlanTest {

  private static final Rates SLOW_LEARNER = new Rates(1, 0.2, 0.2, 8, 0, 0.5, 0.1, 0, 0);
  private static final Rates SLOW_SAMPLER = new Rates(8, 0.2, 0.2, 4, 0, 0.5, 0.1, 0, 0);

  @Test
  void aSlowLearnerSetsThePace() {
    Forecast forecast = EventModel.play(fleet(2, 2), SLOW_LEARNER, 300, 1);

    assertThat(forecast.throughput()).isCloseTo(64 / 8.5, Percentage.withPercentage(1));
    assertThat(forecast.learnerIdle()).isLessThan(0.01);
    assertThat(forecast.staleness()).isCloseTo(2, within(.1));
    assertThat(ClosedForm.of(fleet(2, 2), SLOW_LEARNER).bottleneck())
        .isEqualTo(Bottleneck.LEARNERS);
  }

  @Test
  void aSlowSamplerSetsThePaceAndAnotherOneHelps() {
    Forecast one = EventModel.play(fleet(1, 2), SLOW_SAMPLER, 300, 1);
    Forecast two = EventModel.play(fleet(2, 2), SLOW_SAMPLER, 300, 1);

    assertThat(one.throughput()).isCloseTo(2, Percentage.withPercentage(4));
    assertThat(two.throughput() / one.throughput()).isCloseTo(2, within(.1));
    assertThat(one.learnerIdle()).isGreaterThan(.8);
  }

  @Test
  void withoutSlackNothingOverlaps() {
    Forecast forecast = EventModel.play(fleet(1, 0), new Rates(2, 0, 1, 4, 0, 0, 0, 0, 0), 50, 1);

    // Four grants written one after the other, the last one scored, then learned from.
    assertThat(forecast.throughput()).isCloseTo(64.0 / (4 * 2 + 1 + 4), within(1e-6));
    assertThat(forecast.staleness()).isZero();
    assertThat(forecast.throughput())
        .isCloseTo(
            ClosedForm.of(fleet(1, 0), new Rates(2, 0, 1, 4, 0, 0, 0, 0, 0)).throughput(),
            within(1e-6));
  }

  @Test
  void peopleCanHoldARunDown() {
    Fleet fleet = new Fleet(2, 1, 1, 4, 64, 16, 2, 1, 4);
    Forecast forecast = ClosedForm.of(fleet, new Rates(1, 0, 0, 1, 0, 0, 0, 30, .5));

    assertThat(forecast.bottleneck()).isEqualTo(Bottleneck.LABELERS);
    assertThat(forecast.throughput()).isCloseTo(4 / (30 * .5), within(1e-9));
  }

  @Test
  void theSameSeedIsTheSameForecast() {
    assertThat(EventModel.play(fleet(3, 2), SLOW_SAMPLER, 50, 7))
        .isEqualTo(EventModel.play(fleet(3, 2), SLOW_SAMPLER, 50, 7));
  }

  /** No fleet passes what its slowest stage can do, and no trajectory its hard bound. */
  @Property(tries = 60)
  void theEventModelKeepsToTheLimits(
      @ForAll @IntRange(min = 1, max = 6) int samplers,
      @ForAll @IntRange(min = 0, max = 4) int eta,
      @ForAll @DoubleRange(min = 0.1, max = 20) double generation,
      @ForAll @DoubleRange(min = 0, max = 2) double scoring,
      @ForAll @DoubleRange(min = 0.1, max = 20) double learning) {
    Rates rates = new Rates(generation, 0.5, scoring, learning, 0, 0, 0, 0, 0);
    Forecast played = EventModel.play(fleet(samplers, eta), rates, 60, 3);

    // A few grants are under way at both ends of the measurement.
    double slack = 1.25;
    assertThat(played.throughput()).isLessThanOrEqualTo(slack * 64 / learning);
    assertThat(played.throughput()).isLessThanOrEqualTo(slack * samplers * 16 / generation);
    assertThat(played.oldest()).isLessThanOrEqualTo(Math.max(eta, 4));
  }

  /** A slow sampler among quick ones: its texts come too late, or the others wait for it. */
  @Test
  void whoWaitsThrowsNothingAwayAndWhoDropsIsQuicker() {
    Rates uneven = new Rates(4, 1.5, .1, .5, 0, 0, 0, 0, 0);

    Forecast drops = EventModel.play(tight(OnStale.DROP), uneven, 300, 1);
    Forecast waits = EventModel.play(tight(OnStale.WAIT), uneven, 300, 1);

    assertThat(drops.dropped()).isPositive();
    assertThat(waits.dropped()).isZero();
    assertThat(waits.oldest()).isLessThanOrEqualTo(1);
    assertThat(waits.learnerIdle()).isGreaterThan(drops.learnerIdle());
  }

  private static Fleet tight(OnStale way) {
    return new Fleet(6, 2, 1, 0, 16, 16, 2, 1, 1, way, false);
  }

  /**
   * Writing a grant takes four updates: in flight most of its tokens are younger than its first.
   */
  @Test
  void inFlightTokensAreYoungerThanTheirOldest() {
    Rates slowToWrite = new Rates(4, 0, .1, 1, 0, 0, .05, 0, 0);

    Forecast between = EventModel.play(longGrants(false), slowToWrite, 300, 1);
    Forecast inFlight = EventModel.play(longGrants(true), slowToWrite, 300, 1);

    assertThat(inFlight.staleness()).isLessThan(between.staleness() - 1);
    assertThat(inFlight.oldest()).isGreaterThan(inFlight.staleness() + 1);
    assertThat(inFlight.throughput()).isGreaterThanOrEqualTo(between.throughput());
  }

  private static Fleet longGrants(boolean inFlight) {
    return new Fleet(2, 1, 1, 0, 16, 32, 2, 8, 12, OnStale.DROP, inFlight);
  }

  /** Where one stage is clearly the slowest, the formula is right to a tenth. */
  @Property(tries = 40)
  void theFormulaAgreesWithTheEventsWhereOneStageIsTheSlowest(
      @ForAll @IntRange(min = 1, max = 6) int samplers,
      @ForAll @IntRange(min = 2, max = 4) int eta,
      @ForAll boolean learnerIsSlow,
      @ForAll @DoubleRange(min = 2, max = 5) double ratio) {
    double write = 4.0;
    double batch = 64 * write / (samplers * 16);
    Rates rates =
        new Rates(write, 0.1, .1, learnerIsSlow ? batch * ratio : batch / ratio, 0, 0, 0, 0, 0);
    Forecast played = EventModel.play(fleet(samplers, eta), rates, 120, 3);
    Forecast formula = ClosedForm.of(fleet(samplers, eta), rates);

    assertThat(played.throughput()).isCloseTo(formula.throughput(), Percentage.withPercentage(10));
  }

  @Test
  void impossibleFleetsAndRatesAreNamed() {
    assertThatThrownBy(() -> new Fleet(0, 1, 1, 0, 1, 1, 1, 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("samplers: 0 (expected: >= 1)");
    assertThatThrownBy(() -> new Rates(0, 0, 0, 1, 0, 0, 0, 0, 0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("generation: 0.0 (expected: > 0 seconds)");
  }

  private static Fleet fleet(int samplers, int eta) {
    return new Fleet(samplers, 1, 1, 0, 64, 16, 2, eta, Math.max(eta, 4));
  }
}
