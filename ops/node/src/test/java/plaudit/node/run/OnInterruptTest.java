package plaudit.node.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OnInterruptTest {

  @Test
  void workThatIsInterruptedFinishesBeforeTheProcessEnds() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Work.class.getName())
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(said.readLine()).isEqualTo("working");
      process.toHandle().destroy(); // SIGTERM; Process.destroy would close the streams too

      assertThat(said.readLine()).isEqualTo("checkpoint written");
      assertThat(process.waitFor()).isNotZero();
    }
  }

  @Test
  void anInterruptAfterTheWorkIsNobodysBusiness() {
    CountDownLatch stopped = new CountDownLatch(1);

    OnInterrupt.call(stopped::countDown, 1).over();

    assertThat(stopped.getCount()).isEqualTo(1);
  }

  /** Works until it is asked to stop. */
  static final class Work {
    private Work() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      CountDownLatch asked = new CountDownLatch(1);
      OnInterrupt interrupt = OnInterrupt.call(asked::countDown, 60);
      System.out.println("working");
      asked.await();
      System.out.println("checkpoint written");
      interrupt.over();
    }
  }
}
