package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.gateway.store.StoreLaws.Finding;
import plaudit.input.InvalidInputException;
import plaudit.labels.actor.LabelStore;

/** A store with 3 judgments, one of them amended, 1 lease and 2 open comparisons; then damaged. */
class StoreLawsTest {

  private static final Labeler ANNA = new Labeler("acme", "anna");

  private final Path directory;
  private final Path file;

  StoreLawsTest(@TempDir Path directory) {
    this.directory = directory;
    this.file = directory.resolve("labels.sqlite");
  }

  @BeforeEach
  void fill() {
    try (JdbcLabels labels = Stores.open(directory)) {
      labels.ask(Comparisons.some("c", 6));
      List<Lease> leases = ((LeaseOutcome.Granted) labels.lease(ANNA, 4)).leases();
      for (Lease lease : leases.subList(0, 3)) {
        judge(labels, lease, 0);
      }
      StoredJudgment first = labels.list("acme", null, null, 1).orElseThrow().items().get(0);
      labels.amend(ANNA, first.judgmentId(), chosen(leases.get(0), 1), Optional.empty());
    }
  }

  @Test
  void aStoreInOrderHasNoFinding() {
    assertThat(verify()).isEmpty();
    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(verify()).as("while it is open").isEmpty();
      assertThat(labels.status())
          .usingRecursiveComparison()
          .ignoringFields("holders", "vendors")
          .isEqualTo(new LabelStore.Status(2, 1, 3, 3, 4, false));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE comparison SET admitted = 0 WHERE phase = 'JUDGED'"
            + "| a comparison counts its admitted judgments",
        "UPDATE comparison SET phase = 'OPEN' WHERE phase = 'JUDGED'"
            + "| a comparison with all its judgments is judged",
        "UPDATE comparison SET phase = 'JUDGED' WHERE phase = 'OPEN'"
            + "| a comparison that is judged has all its judgments",
        "UPDATE lease SET phase = 'EXPIRED' WHERE phase = 'ACTIVE'| a leased comparison has a"
            + " lease",
        "UPDATE lease SET epoch = 9 WHERE phase = 'ACTIVE'"
            + "| an active lease is one that its comparison has given",
        "UPDATE lease SET phase = 'SUBMITTED' WHERE phase = 'ACTIVE'"
            + "| a submitted lease has a judgment",
        "UPDATE lease SET phase = 'ACTIVE' WHERE phase = 'SUBMITTED'"
            + "| a judgment's lease is submitted",
        "UPDATE counter SET arrivals = 2| the counter of judgments is at the last one",
        "UPDATE counter SET labels = 0| the counter of labels is at the last one"
      })
  void whatFollowsFromTheJudgmentsIsMendedAtTheNextStart(String damage, String law)
      throws SQLException {
    execute(damage);
    assertThat(verify()).extracting(Finding::law).contains(law);
    assertThat(verify()).extracting(Finding::mended).containsOnly(false);

    try (JdbcLabels labels = Stores.open(directory)) {
      assertThat(verify()).isEmpty();
      LabelStore.Status status = labels.status();
      assertThat(status.open() + status.leased()).isEqualTo(3);
      for (Lease lease : ((LeaseOutcome.Granted) labels.lease(ANNA, 2)).leases()) {
        judge(labels, lease, 0);
      }
      assertThat(labels.labelsAfter(0, 10)).hasSize(5);
    }
    assertThat(verify()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE FROM judgment WHERE arrival = 2"
            + "| judgments are numbered 1 to n: 3 of them, the last is number 4; something is"
            + " missing before number 3",
        "DELETE FROM judgment WHERE arrival = 4"
            + "| the counter of judgments is at the last one: it is at 4, the last is number 3",
        "UPDATE judgment SET disposition = 'ADMITTED' WHERE disposition = 'SUPERSEDED'| a labeler's"
            + " answers to a comparison are revisions 1 to n, of which the last counts",
        "UPDATE judgment SET label_sequence = NULL WHERE arrival = 4"
            + "| an admitted judgment is a label, a surplus one is not"
      })
  void whatIsGoneIsToldAtEachStartAndTheStoreServesWhatThereIs(String damage, String finding)
      throws SQLException {
    execute(damage);
    for (int start = 0; start < 2; start++) {
      Stores.open(directory).close();
      assertThat(verify()).extracting(Finding::toString).anyMatch(line -> line.startsWith(finding));
    }
  }

  @Test
  void aDamagedPageIsFound() throws IOException {
    damagePages();
    assertThat(verify()).extracting(Finding::law).contains("the file is whole");
  }

  @Test
  void anotherFileIsNoStore() throws IOException {
    Files.writeString(file, "not a database at all, but long enough to be looked at".repeat(40));
    assertThat(verify()).extracting(Finding::law).containsExactly("the file is whole");
    Files.delete(file);
    assertThatThrownBy(this::verify)
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("label store: %s (expected: a file)", file);
  }

  @Test
  void aBackupOfAStoreInUseIsWholeAndOpensAsAStore(@TempDir Path other) throws IOException {
    Path copy = other.resolve("labels.sqlite");
    Files.writeString(copy, "yesterday's");
    try (JdbcLabels labels = Stores.open(directory)) {
      StoreCare.backup(labels.settings(), copy);
      labels.ask(Comparisons.some("later", 3));
    }
    try (Stream<Path> files = Files.list(other)) {
      assertThat(files).containsExactly(copy);
    }
    assertThat(StoreCare.verify(Stores.settings(other))).isEmpty();
    try (JdbcLabels restored = Stores.open(other);
        JdbcLabels labels = Stores.open(directory)) {
      assertThat(restored.labelsAfter(0, 10)).isEqualTo(labels.labelsAfter(0, 10)).hasSize(3);
      assertThat(restored.status().open()).isEqualTo(2);
    }
  }

  @Test
  void aStoreFromWhichSomethingIsGoneIsCopiedAndItIsSaid(@TempDir Path other) throws SQLException {
    execute("DELETE FROM judgment WHERE arrival = 2");
    List<Finding> found =
        StoreCare.backup(Stores.settings(directory), other.resolve("labels.sqlite"));

    assertThat(found).isEqualTo(verify()).isEqualTo(StoreCare.verify(Stores.settings(other)));
    assertThat(found).isNotEmpty();
  }

  @Test
  void ofADamagedFileThereIsNoBackupAndTheOldOneStays(@TempDir Path other) throws IOException {
    Path copy = other.resolve("labels.sqlite");
    Files.writeString(copy, "yesterday's");
    damagePages();

    assertThatThrownBy(() -> StoreCare.backup(Stores.settings(directory), copy))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("malformed");
    try (Stream<Path> files = Files.list(other)) {
      assertThat(files).containsExactly(copy);
    }
    assertThat(copy).hasContent("yesterday's");
  }

  private List<Finding> verify() {
    return StoreCare.verify(Stores.settings(directory));
  }

  /** All but the first one. */
  private void damagePages() throws IOException {
    long size = Files.size(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (long page = 4096; page < size; page += 4096) {
        channel.write(ByteBuffer.wrap(new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}), page);
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).as(sql).isPositive();
    }
  }

  private static void judge(JdbcLabels labels, Lease lease, int choice) {
    labels.judge(
        ANNA,
        new Submission(
            lease.leaseId(), lease.epoch(), chosen(lease, choice), null, null, null, null),
        Optional.empty());
  }

  private static SubmittedChoice chosen(Lease lease, int choice) {
    return new SubmittedChoice.Chosen(lease.task().choices().get(choice).choiceId());
  }
}
