package plaudit.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LeasesTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Leases<String> leases = new Leases<>();

  @Test
  void aPieceOfWorkHasOneHolder() {
    leases.grant("a", "ann", NOON);
    assertThatThrownBy(() -> leases.grant("a", "bob", NOON))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("lease of a: held by ann (expected: free)");
  }

  @Test
  void whatIsCompletedDoesNotRunOut() {
    leases.grant("a", "ann", NOON);
    assertThat(leases.complete("a")).contains("ann");
    assertThat(leases.complete("a")).isEmpty();
    assertThat(leases.expire(NOON)).isEmpty();
  }

  @Test
  void aLeaseRunsOutAtItsMomentAndNotBefore() {
    leases.grant("a", "ann", NOON);
    assertThat(leases.expire(NOON.minusNanos(1))).isEmpty();
    assertThat(leases.expire(NOON)).containsExactly("a");
    assertThat(leases.holds("a")).isFalse();
  }

  @Test
  void whoGoesGivesBackEverythingInTheOrderItWasGranted() {
    leases.grant("b", "ann", NOON.plusSeconds(1));
    leases.grant("x", "bob", NOON);
    leases.grant("a", "ann", NOON);
    assertThat(leases.release("ann")).containsExactly("b", "a");
    assertThat(leases.holders()).containsExactly("bob");
  }

  @Test
  void theNextExpiryIsTheEarliest() {
    assertThat(leases.nextExpiry()).isEmpty();
    leases.grant("a", "ann", NOON.plusSeconds(5));
    leases.grant("b", "ann", NOON.plusSeconds(3));
    assertThat(leases.nextExpiry()).contains(NOON.plusSeconds(3));
  }

  /** Whatever happens, each granted key is given back exactly once or still held. */
  @Property
  void everyGrantEndsOnce(@ForAll("steps") List<Step> steps) {
    Leases<Integer> held = new Leases<>();
    Map<Integer, Integer> open = new HashMap<>();
    Map<Integer, Instant> until = new HashMap<>();
    Instant now = NOON;
    int granted = 0;
    for (Step step : steps) {
      List<Integer> ended = new ArrayList<>();
      switch (step.kind()) {
        case 0 -> {
          held.grant(granted, "h" + step.who(), now.plusSeconds(step.seconds()));
          until.put(granted, now.plusSeconds(step.seconds()));
          open.put(granted++, step.who());
        }
        case 1 -> {
          int key = granted == 0 ? 0 : step.seconds() % granted;
          held.complete(key).ifPresent(holder -> ended.add(key));
        }
        case 2 -> {
          now = now.plusSeconds(step.seconds());
          ended.addAll(held.expire(now));
        }
        default -> {
          ended.addAll(held.release("h" + step.who()));
          assertThat(ended).allMatch(key -> open.getOrDefault(key, -1) == step.who());
        }
      }
      ended.forEach(key -> assertThat(open.remove(key)).isNotNull());
      assertThat(held.size()).isEqualTo(open.size());
      assertThat(open.keySet()).allMatch(held::holds);
      assertThat(held.holders())
          .containsExactlyInAnyOrderElementsOf(
              open.values().stream().distinct().map(who -> "h" + who).toList());
      assertThat(held.nextExpiry())
          .isEqualTo(open.keySet().stream().map(until::get).min(Comparator.naturalOrder()));
    }
    assertThat(held.expire(now.plus(Duration.ofDays(1))))
        .containsExactlyInAnyOrderElementsOf(open.keySet());
  }

  record Step(int kind, int who, int seconds) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 60))
        .as(Step::new)
        .list()
        .ofMaxSize(80);
  }
}
