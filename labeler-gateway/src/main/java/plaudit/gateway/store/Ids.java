package plaudit.gateway.store;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Opaque names and display orders, from one generator shared by all threads. */
final class Ids {

  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 20;

  private final RandomGenerator random;

  Ids(RandomGenerator random) {
    this.random = random;
  }

  /** A name with 100 bits of chance, such as {@code ls_7h2k...}. */
  synchronized String next(String prefix) {
    StringBuilder id = new StringBuilder(prefix).append('_');
    for (byte chance : bytes(LENGTH)) {
      id.append(ALPHABET.charAt(Math.floorMod(chance, ALPHABET.length())));
    }
    return id.toString();
  }

  /** {@code n} bytes of chance. */
  synchronized byte[] bytes(int n) {
    byte[] bytes = new byte[n];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The numbers from 0 to {@code n - 1}, every order equally likely (Fisher and Yates). */
  synchronized List<Integer> permutation(int n) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
    shuffle(order);
    return order;
  }

  /** Reorders {@code items} in place. */
  synchronized <T> void shuffle(List<T> items) {
    for (int i = items.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      T swapped = items.get(i);
      items.set(i, items.get(j));
      items.set(j, swapped);
    }
  }
}
