package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import plaudit.gateway.http.AdmissionQueue.Turn;
import plaudit.gateway.http.AdmissionQueue.Waiting;
import plaudit.gateway.http.AdmissionQueue.Work;
import plaudit.gateway.http.GatewaySettings.Bound;

class AdmissionQueueTest {

  private static final long MILLI = 1_000_000;

  private static final Map<Work, Bound> BOUNDS =
      Map.of(
          Work.JUDGMENT, new Bound(256, Duration.ofSeconds(5)),
          Work.LEASE, new Bound(256, Duration.ofSeconds(1)),
          Work.LIST, new Bound(64, Duration.ofSeconds(2)));

  private final AdmissionQueue<String> queue = new AdmissionQueue<>(BOUNDS);

  @Test
  void theMostUrgentGoesFirstAndEqualsGoInTheirOrder() {
    for (Work work : new Work[] {Work.LIST, Work.LEASE, Work.JUDGMENT, Work.STOP}) {
      queue.offer(work, work + "1", 0);
      queue.offer(work, work + "2", 0);
    }
    List<String> order = new ArrayList<>();
    for (Turn<String> turn = queue.next(1); turn.next() != null; turn = queue.next(1)) {
      order.add(turn.next().job());
    }
    assertThat(order)
        .containsExactly(
            "STOP1", "STOP2", "JUDGMENT1", "JUDGMENT2", "LEASE1", "LEASE2", "LIST1", "LIST2");
  }

  @Test
  void whatFindsNoPlaceIsRefusedAndAStopAlwaysFindsOne() {
    for (int i = 0; i < 64; i++) {
      assertThat(queue.offer(Work.LIST, "list", 0)).isTrue();
    }
    assertThat(queue.offer(Work.LIST, "list", 0)).isFalse();
    assertThat(queue.offer(Work.LEASE, "lease", 0)).isTrue();
    for (int i = 0; i < 10_000; i++) {
      assertThat(queue.offer(Work.STOP, "stop", 0)).isTrue();
    }
  }

  @Test
  void whatWaitedTooLongIsRefusedBeforeItIsBegun() {
    queue.offer(Work.LEASE, "old", 0);
    queue.offer(Work.JUDGMENT, "judgment", 0);
    queue.offer(Work.LEASE, "new", 500 * MILLI);
    Turn<String> turn = queue.next(1001 * MILLI);
    assertThat(turn.late()).extracting(Waiting::job).containsExactly("old");
    assertThat(turn.next()).extracting(Waiting::job).isEqualTo("judgment");
    assertThat(queue.late(1500 * MILLI)).isEmpty();
    assertThat(queue.late(1501 * MILLI)).extracting(Waiting::job).containsExactly("new");
    assertThat(queue.next(1502 * MILLI).next()).isNull();
  }

  @Test
  void whoIsRefusedWaitsLongerTheMoreWaitAlready() {
    assertThat(queue.retrySeconds(Work.LIST)).isEqualTo(1);
    for (int i = 0; i < 256; i++) {
      queue.offer(Work.JUDGMENT, "judgment", 0);
      queue.offer(Work.LEASE, "lease", 0);
    }
    long after = queue.retrySeconds(Work.LEASE);
    assertThat(after).isGreaterThan(queue.retrySeconds(Work.JUDGMENT)).isGreaterThan(1);
    for (int i = 0; i < 1000; i++) {
      queue.offer(Work.LEASE, "refused", 0);
    }
    assertThat(queue.retrySeconds(Work.LEASE)).isGreaterThan(after).isLessThanOrEqualTo(30);
    for (int i = 0; i < 600; i++) {
      queue.next(i * MILLI);
    }
    assertThat(queue.retrySeconds(Work.LEASE)).isEqualTo(1);
  }

  /** Eight threads that do 500 jobs a second; ten times as many are asked for, in open loop. */
  @Property(tries = 20)
  void atTenTimesTheCapacityJudgmentsAreDoneWithinASecondAndLeasesAreRefused(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 45) int judgmentsPerHundred) {
    Random random = new Random(seed);
    long service = 16 * MILLI;
    long[] freeAt = new long[8];
    List<Long> waits = new ArrayList<>();
    int judgments = 0;
    int refusedJudgments = 0;
    int refused = 0;
    for (long now = 0; now < 20_000 * MILLI; now += MILLI / 5) {
      // Judgments are less than what can be done; leases make up the rest.
      boolean judgment = random.nextInt(1000) < judgmentsPerHundred * 2;
      Work work = judgment ? Work.JUDGMENT : Work.LEASE;
      judgments += judgment ? 1 : 0;
      if (!queue.offer(work, "job", now)) {
        refused++;
        refusedJudgments += judgment ? 1 : 0;
      }
      for (int thread = 0; thread < freeAt.length; thread++) {
        if (freeAt[thread] <= now) {
          Turn<String> turn = queue.next(now);
          refused += turn.late().size();
          if (turn.next() != null) {
            freeAt[thread] = now + service;
            if (turn.next().work() == Work.JUDGMENT) {
              waits.add(now - turn.next().since());
            }
          }
        }
      }
    }
    waits.sort(null);
    assertThat(waits).hasSizeGreaterThan(judgments - 256);
    assertThat(waits.get(waits.size() * 99 / 100)).isLessThan(1000 * MILLI);
    assertThat(refusedJudgments).isZero();
    assertThat(refused).isGreaterThan(80_000);
  }
}
