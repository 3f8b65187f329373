package plaudit.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import plaudit.lab.bench.Timings.Stage;
import plaudit.lab.plan.LogNormal;
import plaudit.lab.plan.Rates;

class TimingsTest {

  @Test
  void aSmallerPieceCountsAsSoMuchOfAWholeOne() {
    Timings timings = new Timings();
    timings.add(Stage.WRITING, 1, Duration.ofMillis(100));
    timings.add(Stage.WRITING, .5, Duration.ofMillis(50));
    timings.add(Stage.UPDATE, 1, Duration.ofMillis(300));

    Rates rates = timings.rates();

    assertThat(rates.generation()).isCloseTo(.1, within(1e-9));
    assertThat(rates.spread()).isCloseTo(0, within(1e-6));
    assertThat(rates.learning()).isCloseTo(.3, within(1e-9));
    assertThat(rates.scoring()).isZero();
  }

  @Test
  void theSpreadThatIsDrawnIsTheSpreadThatIsMeasured() {
    SplittableRandom random = new SplittableRandom(1);
    LogNormal time = new LogNormal(.2, .4);
    Timings timings = new Timings();
    timings.add(Stage.UPDATE, 1, Duration.ofMillis(1));
    for (int i = 0; i < 20_000; i++) {
      timings.add(Stage.WRITING, 1, Duration.ofNanos(Math.round(1e9 * time.draw(random))));
    }

    assertThat(timings.rates().generation()).isCloseTo(.2, within(.005));
    assertThat(timings.rates().spread()).isCloseTo(.4, within(.03));
  }
}
