package plaudit.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingRequestTest {

  private final PendingRequest request = new PendingRequest(8);

  @Test
  void repetitionsBecomeRarerUntilTheAnswerComes() {
    assertThat(sentAt(40)).containsExactly(0, 1, 3, 7, 15, 23, 31, 39);

    request.answered();

    assertThat(sentAt(4)).containsExactly(0, 1, 3);
  }

  @Test
  void anAnsweredRequestIsSentAtEachTick() {
    for (int tick = 0; tick < 5; tick++) {
      request.tick();
      assertThat(request.send()).isTrue();
      request.answered();
    }
  }

  private List<Integer> sentAt(int ticks) {
    List<Integer> sent = new ArrayList<>();
    for (int tick = 0; tick < ticks; tick++) {
      if (request.send()) {
        sent.add(tick);
      }
      request.tick();
    }
    return sent;
  }
}
