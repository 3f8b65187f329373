package plaudit.lab.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.store.StoreSettings;
import plaudit.input.InvalidInputException;
import plaudit.lab.gateway.CrashBench.Death;
import plaudit.lab.gateway.CrashBench.Plan;

/** Three short lives; a hundred long ones are made by {@code plaudit bench crash --kills 100}. */
class CrashBenchTest {

  private final Path directory;

  CrashBenchTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  @Timeout(400)
  void whatWasAcknowledgedSurvivesAndAnAuditWouldSeeItIfNot() throws Exception {
    List<Death> heard = new ArrayList<>();

    List<Death> deaths = new CrashBench(plan(3)).run(heard::add);

    assertThat(deaths).isEqualTo(heard).hasSize(4).allMatch(Death::holds);
    assertThat(deaths).extracting(Death::acknowledged).allMatch(count -> count > 0);
    assertThat(deaths.get(3).rows())
        .isGreaterThanOrEqualTo(deaths.stream().mapToInt(Death::acknowledged).sum() / 2);

    // The bad twins, on the same store.
    assertThat(faultsAfter("DELETE FROM label_event WHERE kind = 'JUDGED'"))
        .anyMatch(fault -> fault.startsWith("events and judgments differ"));
    assertThat(faultsAfter("UPDATE comparison SET admitted = 0 WHERE phase = 'JUDGED'"))
        .anyMatch(fault -> fault.startsWith("admitted is not the count"))
        .anyMatch(fault -> fault.startsWith("closed although it needs more"));
    assertThat(faultsAfter("UPDATE judgment SET arrival = arrival + 1000 WHERE arrival = 1"))
        .anyMatch(fault -> fault.startsWith("arrivals have gaps"))
        .anyMatch(fault -> fault.startsWith("the counter is not the last arrival"));
    Receipts receipts = new Receipts();
    receipts.leased("ls_never");
    assertThat(StoreAudit.of(store(), true, receipts, receipts.mark()))
        .extracting(StoreAudit::lostLeases)
        .isEqualTo(1);
  }

  @Test
  void aPlanThatCannotBeIsRefused() {
    assertThatThrownBy(() -> plan(0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("--kills: 0 (expected: >= 1)");
    assertThatThrownBy(
            () ->
                new Plan(
                    1,
                    1,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    0,
                    true,
                    "jdbc:postgresql:x",
                    directory,
                    1))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("--power-cut");
  }

  private Plan plan(int kills) {
    return new Plan(
        kills, 6, Duration.ofMillis(500), Duration.ofSeconds(2), 20, true, null, directory, 1);
  }

  private List<String> faultsAfter(String damage) throws Exception {
    StoreSettings store = store();
    try (Connection connection =
            DriverManager.getConnection(store.url(), store.user(), store.password());
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(damage)).as("rows damaged").isPositive();
    }
    Receipts none = new Receipts();
    return StoreAudit.of(store, true, none, none.mark()).faults();
  }

  private StoreSettings store() {
    return GatewayProcess.store(GatewayProcess.settings(GatewayProcess.fileUrl(directory)));
  }
}
