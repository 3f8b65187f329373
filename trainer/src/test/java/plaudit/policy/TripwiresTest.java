package plaudit.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import plaudit.policy.Tripwires.Limits;
import plaudit.policy.Tripwires.Signals;
import plaudit.policy.Tripwires.Verdict;

class TripwiresTest {

  private static final Limits LIMITS = new Limits(-1, 40, .2, 3, 1, .4);

  @Test
  void aHealthyUpdateGoesOn() {
    assertThat(Tripwires.set(LIMITS).judge(new Signals(6, 50, .1))).isEqualTo(new Verdict.GoOn());
  }

  @Test
  void divergenceWellBelowZeroStops() {
    assertThat(Tripwires.set(LIMITS).judge(new Signals(-.9, 50, .1))).isEqualTo(new Verdict.GoOn());
    assertThat(Tripwires.set(LIMITS).judge(new Signals(-1.2, 50, .1)))
        .isEqualTo(new Verdict.Stop("kl: -1.2 (expected: >= -1.0 nats a sequence)"));
  }

  @Test
  void divergenceBeyondTheLimitStops() {
    assertThat(Tripwires.set(LIMITS).judge(new Signals(41, 50, .1)))
        .isEqualTo(new Verdict.Stop("kl: 41.0 (expected: <= 40.0 nats a sequence)"));
  }

  @Test
  void aLossThatIsNoNumberStops() {
    assertThat(Tripwires.set(LIMITS).judge(new Signals(6, 50, Double.NaN)))
        .isEqualTo(new Verdict.Stop("loss: NaN (expected: finite)"));
    assertThat(Tripwires.set(LIMITS).judge(new Signals(6, 50, Double.POSITIVE_INFINITY)))
        .isEqualTo(new Verdict.Stop("loss: Infinity (expected: finite)"));
    assertThat(Tripwires.set(LIMITS).judge(new Signals(Double.NaN, 50, 0)))
        .isEqualTo(new Verdict.Stop("kl and entropy: NaN, 50.0 (expected: finite)"));
  }

  @Test
  void entropyFarBelowThatOfTheFirstUpdatesStops() {
    Tripwires wires = Tripwires.set(LIMITS);
    for (double entropy : new double[] {40, 50, 60}) {
      assertThat(wires.judge(new Signals(6, 1, 0))).isEqualTo(new Verdict.GoOn());
      wires = wires.after(new Signals(6, entropy, 0));
    }
    wires = wires.after(new Signals(6, 11, 0));

    assertThat(wires.updates()).isEqualTo(3);
    assertThat(wires.startEntropy()).isEqualTo(50);
    assertThat(wires.judge(new Signals(6, 10.1, 0))).isEqualTo(new Verdict.GoOn());
    assertThat(wires.judge(new Signals(6, 9.9, 0)))
        .isEqualTo(new Verdict.Stop("entropy: 9.9 (expected: >= 10.000 nats a sequence)"));
  }

  /** Seen with batches of four: the estimate of a divergence of 0 falls below -1 by chance. */
  @Test
  void oneUpdateOutOfBoundsIsOnlyWatched() {
    Limits limits = new Limits(-1, 40, .2, 3, 3, .4);
    Tripwires wires = Tripwires.set(limits);
    for (double kl : new double[] {-1.5, .5, -1.4, -.6, .2}) {
      Verdict verdict = wires.judge(new Signals(kl, 50, 0));
      assertThat(verdict).isInstanceOf(kl < -1 ? Verdict.Watch.class : Verdict.GoOn.class);
      wires = wires.after(new Signals(kl, 50, 0));
    }
  }

  @Test
  void aMeanOutOfBoundsStops() {
    Tripwires wires = Tripwires.set(new Limits(-1, 40, .2, 3, 3, .4));
    for (double kl : new double[] {-1.3, -.9}) {
      assertThat(wires.judge(new Signals(kl, 50, 0))).isNotInstanceOf(Verdict.Stop.class);
      wires = wires.after(new Signals(kl, 50, 0));
    }
    assertThat(wires.judge(new Signals(-1.4, 50, 0)))
        .isInstanceOfSatisfying(
            Verdict.Stop.class, stop -> assertThat(stop.reason()).startsWith("kl: -1.2"));
  }

  @Test
  void peopleWhoPreferTheReferenceStopTheRun() {
    Tripwires wires = Tripwires.set(new Limits(-1, 40, .2, 3, 3, .4));
    for (double share : new double[] {.6, .45, .3}) {
      assertThat(wires.judge(won(share))).isEqualTo(new Verdict.GoOn());
      wires = wires.after(won(share)).after(new Signals(6, 50, 0)); // most updates have no news
    }
    assertThat(wires.winRate().values()).containsExactly(.6, .45, .3);
    assertThat(wires.judge(won(.35)))
        .isInstanceOfSatisfying(
            Verdict.Stop.class,
            stop -> assertThat(stop.reason()).startsWith("validation win rate: 0.36"));
  }

  private static Signals won(double share) {
    return new Signals(6, 50, 0, OptionalDouble.of(share));
  }

  @Test
  void theRightSignNeverStops() {
    assertThat(firstStop(1, LIMITS)).isEmpty();
  }

  /** The refactoring of 2019: reward and divergence penalty change sign together. */
  @Test
  void aFlippedSignStopsByDivergenceAndByEntropyAlone() {
    assertThat(firstStop(-1, new Limits(-1, 40, 0, 3, 5, 0))).startsWith("kl: ");
    assertThat(firstStop(-1, new Limits(-1, 1e9, .2, 3, 5, 0))).startsWith("entropy: ");
  }

  /**
   * Climbs the exact objective of a bandit that writes 24 tokens from eight, one of them wanted.
   *
   * @return why it was stopped, empty if it never was
   */
  private static String firstStop(int sign, Limits limits) {
    double[] rho = {.16, .15, .14, .13, .12, .11, .1, .09};
    double[] logits = new double[rho.length];
    for (int a = 0; a < rho.length; a++) {
      logits[a] = Math.log(rho[a]);
    }
    int tokens = 24;
    double beta = .15;
    Tripwires wires = Tripwires.set(limits);
    for (int update = 0; update < 3_000; update++) {
      double[] pi = softmax(logits);
      double kl = 0;
      double entropy = 0;
      double mean = 0;
      double[] worth = new double[pi.length];
      for (int a = 0; a < pi.length; a++) {
        double divergence = Math.log(pi[a] / rho[a]);
        worth[a] = sign * ((a == 3 ? .1 : 0) - beta * divergence);
        kl += tokens * pi[a] * divergence;
        entropy -= tokens * pi[a] * Math.log(pi[a]);
        mean += pi[a] * worth[a];
      }
      Signals signals = new Signals(kl, entropy, -mean);
      if (wires.judge(signals) instanceof Verdict.Stop stop) {
        return stop.reason();
      }
      wires = wires.after(signals);
      for (int a = 0; a < pi.length; a++) {
        logits[a] += pi[a] * (worth[a] - mean);
      }
    }
    return "";
  }

  private static double[] softmax(double[] logits) {
    double[] pi = new double[logits.length];
    double sum = 0;
    for (int a = 0; a < pi.length; a++) {
      pi[a] = Math.exp(logits[a]);
      sum += pi[a];
    }
    for (int a = 0; a < pi.length; a++) {
      pi[a] /= sum;
    }
    return pi;
  }
}
