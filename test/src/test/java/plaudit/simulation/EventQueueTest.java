package plaudit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventQueueTest {

  private final EventQueue<String> queue = new EventQueue<>();

  @Test
  void eventsComeInOrderOfTimeAndThenOfSaying() {
    queue.in(5, "late");
    queue.in(3, "first");
    queue.in(3, "second");
    assertThat(queue.next()).isEqualTo("first");
    assertThat(queue.next()).isEqualTo("second");
    assertThat(queue.now()).isEqualTo(3);
    queue.in(1, "soon");
    assertThat(queue.next()).isEqualTo("soon");
    assertThat(queue.next()).isEqualTo("late");
    assertThat(queue.now()).isEqualTo(5);
    assertThat(queue.isEmpty()).isTrue();
  }

  @Test
  void whatIsLateHappensNow() {
    queue.in(5, "a");
    queue.next();
    queue.at(2, "b");
    assertThat(queue.next()).isEqualTo("b");
    assertThat(queue.now()).isEqualTo(5);
  }
}
