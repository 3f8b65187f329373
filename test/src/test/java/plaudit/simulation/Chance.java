package plaudit.simulation;

import java.util.List;
import java.util.SplittableRandom;

/** Seeded chance. The same seed and the same questions get the same answers on every machine. */
final class Chance {

  private final SplittableRandom random;

  Chance(long seed) {
    this.random = new SplittableRandom(seed);
  }

  private Chance(SplittableRandom random) {
    this.random = random;
  }

  /** Another source: what is asked of it does not shift the answers of this one. */
  Chance split() {
    return new Chance(random.split());
  }

  /** Both ends included. */
  int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  boolean once(double probability) {
    return random.nextDouble() < probability;
  }

  <T> T of(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  long number() {
    return random.nextLong();
  }
}
