package plaudit.lab.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;

/** A slice of {@code plaudit bench fuzz}. */
class FuzzBenchTest {

  private static final int CALLS = 2_000;

  @Test
  @Timeout(300)
  void noNonsenseIsAnsweredWith5xxOrLeavesARow(@TempDir Path directory) throws Exception {
    List<Long> progress = new ArrayList<>();

    FuzzBench.Result result = new FuzzBench(CALLS, 7, directory).run(progress::add);

    assertThat(result.faults()).isEmpty();
    assertThat(result.calls()).isEqualTo(CALLS);
    assertThat(progress).containsExactly(1_000L, 2_000L);
    assertThat(result.judgments()).as("some calls are good ones").isGreaterThan(20);
    assertThat(result.statuses()).containsKeys(200, 201, 400, 401, 404, 409, 422);
  }

  @Test
  void noCallsAreNoTest(@TempDir Path directory) {
    assertThatThrownBy(() -> new FuzzBench(0, 1, directory))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--calls: 0 (expected: >= 1)");
  }
}
