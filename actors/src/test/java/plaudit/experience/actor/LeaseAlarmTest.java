package plaudit.experience.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaseAlarmTest {

  private static final Instant NOW = Instant.EPOCH;

  private final List<Duration> set = new ArrayList<>();
  private final LeaseAlarm alarm = new LeaseAlarm(set::add);

  @Test
  void itRingsForTheEarliestLease() {
    alarm.ringAt(NOW.plusSeconds(9), NOW);
    alarm.ringAt(NOW.plusSeconds(9), NOW.plusSeconds(1));
    alarm.ringAt(NOW.plusSeconds(20), NOW.plusSeconds(1));
    assertThat(set).containsExactly(Duration.ofSeconds(9));

    alarm.ringAt(NOW.plusSeconds(5), NOW.plusSeconds(2));
    assertThat(set).containsExactly(Duration.ofSeconds(9), Duration.ofSeconds(3));
  }

  @Test
  void onceItHasRungItIsSetAnew() {
    alarm.ringAt(NOW.plusSeconds(9), NOW);
    alarm.rang();
    alarm.ringAt(NOW.plusSeconds(20), NOW.plusSeconds(9));
    assertThat(set).containsExactly(Duration.ofSeconds(9), Duration.ofSeconds(11));
  }

  @Test
  void aLeaseThatIsOverAlreadyRingsAtOnceButNotWithinTheSameMoment() {
    alarm.ringAt(NOW, NOW.plusSeconds(1));
    assertThat(set).containsExactly(Duration.ofMillis(1));
  }
}
