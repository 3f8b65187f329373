package plaudit.gateway.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.http.TestGateway;
import plaudit.gateway.store.Transaction.Event;

@Timeout(60)
class SqliteWriterTest {

  private static final int ROOM = 3;

  private final SqliteFile file;
  private SqliteWriter writer;

  SqliteWriterTest(@TempDir Path directory) {
    file = new SqliteFile(directory.resolve("labels.sqlite"));
    Stores.open(directory).close();
  }

  @BeforeEach
  void open() {
    writer = new SqliteWriter(file.writing(), InstantSource.system(), ROOM);
  }

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void inAGroupWhatThrowsIsUndoneAloneAndOnlyItsCallerHearsOfIt() throws Exception {
    CountDownLatch gate = occupied();
    CompletableFuture<Integer> one = later(tx -> log(tx, "one"));
    CompletableFuture<Integer> bad =
        later(
            tx -> {
              log(tx, "bad");
              throw new IllegalArgumentException("no");
            });
    CompletableFuture<Integer> two = later(tx -> log(tx, "two"));
    gate.countDown();

    assertThat(one.get()).isEqualTo(1);
    assertThat(two.get()).isEqualTo(1);
    assertThatThrownBy(bad::get).hasCauseInstanceOf(IllegalArgumentException.class);
    assertThat(logged()).containsExactlyInAnyOrder("first", "one", "two");
  }

  @Test
  void aBrokenConstraintUndoesTheCallersWorkAlone() throws Exception {
    CountDownLatch gate = occupied();
    CompletableFuture<Integer> one = later(tx -> log(tx, "one"));
    CompletableFuture<Integer> bad =
        later(tx -> log(tx, "bad") + tx.update("INSERT INTO counter VALUES (1, 0, 0)"));
    gate.countDown();

    assertThat(one.get()).isEqualTo(1);
    assertThatThrownBy(bad::get)
        .hasCauseInstanceOf(StoreException.class)
        .hasMessageContaining("UNIQUE constraint failed: counter.id");
    assertThat(logged()).containsExactlyInAnyOrder("first", "one");
  }

  @Test
  void aStatementThatFailedWorksTheNextTime() throws Exception {
    later(tx -> secret(tx, "one")).get();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(later(tx -> secret(tx, "one"))::get)
          .hasCauseInstanceOf(StoreException.class)
          .hasMessageContaining("UNIQUE constraint failed: secret.name");
    }
    assertThat(later(tx -> secret(tx, "two")).get()).isEqualTo(1);
    List<String> names =
        writer.transaction(
            tx -> tx.query("SELECT name FROM secret ORDER BY name").mapTo(String.class).list());
    assertThat(names).containsExactly("one", "two");
  }

  private static int secret(Transaction tx, String name) {
    return tx.update("INSERT INTO secret (name, \"value\") VALUES (?, ?)", name, "00");
  }

  @Test
  void aFailedCommitFailsTheWholeGroupKeepsNothingAndTheNextOneWorks() throws Exception {
    CountDownLatch gate = occupied();
    CompletableFuture<Integer> one = later(tx -> log(tx, "one"));
    CompletableFuture<Integer> orphan =
        later(
            tx -> {
              tx.update("PRAGMA defer_foreign_keys = ON");
              return tx.update(
                  """
                  INSERT INTO lease (id, comparison_id, vendor, labeler, epoch, phase, display,
                    extensions, granted_at, expires_at)
                  VALUES ('ls', 'no such', 'v', 'l', 1, 'ACTIVE', '[]', 0, 0, 0)\
                  """);
            });
    gate.countDown();

    for (CompletableFuture<Integer> failed : List.of(one, orphan)) {
      assertThatThrownBy(failed::get)
          .hasCauseInstanceOf(StoreException.class)
          .hasMessageContaining("FOREIGN KEY constraint failed");
    }
    writer.transaction(tx -> log(tx, "after"));
    assertThat(logged()).containsExactlyInAnyOrder("first", "after");
  }

  @Test
  void beyondItsRoomItRefusesAtOnceAndSaysWhy() throws Exception {
    CountDownLatch gate = occupied();
    List<CompletableFuture<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < ROOM; i++) {
      waiting.add(later(tx -> log(tx, "waited")));
    }

    assertThatThrownBy(() -> writer.transaction(tx -> log(tx, "too many")))
        .isInstanceOf(StoreException.class)
        .hasMessage("label store: 3 transactions wait for the disk (expected: < 3)");
    gate.countDown();
    for (CompletableFuture<Integer> one : waiting) {
      one.get();
    }
    assertThat(logged()).containsExactly("first", "waited", "waited", "waited");
  }

  @Test
  void whatWaitsIsCommittedBeforeItClosesAndNothingIsTakenAfterwards() throws Exception {
    CountDownLatch gate = occupied();
    CompletableFuture<Integer> waits = later(tx -> log(tx, "waited"));
    Thread closing = new Thread(writer::close);
    closing.start();
    TestGateway.await("closing", () -> closing.getState() == Thread.State.WAITING);
    assertThatThrownBy(() -> writer.transaction(tx -> log(tx, "too late")))
        .hasMessage("label store: closed");
    gate.countDown();
    closing.join();

    assertThat(waits.get()).isEqualTo(1);
    open();
    assertThat(logged()).containsExactly("first", "waited");
  }

  /** The writer at work until the latch opens; what comes meanwhile is one group. */
  private CountDownLatch occupied() throws InterruptedException {
    CountDownLatch began = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    var unused =
        later(
            tx -> {
              began.countDown();
              try {
                gate.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return log(tx, "first");
            });
    began.await();
    return gate;
  }

  /** Hands work over from a thread of its own and returns when it waits or is done. */
  private CompletableFuture<Integer> later(Function<Transaction, Integer> work)
      throws InterruptedException {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                answer.complete(writer.transaction(work));
              } catch (RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    caller.setDaemon(true);
    caller.start();
    TestGateway.await(
        "handed over", () -> answer.isDone() || caller.getState() == Thread.State.TIMED_WAITING);
    return answer;
  }

  private static int log(Transaction tx, String what) {
    tx.append(Event.ASKED, what, null, Map.of());
    return 1;
  }

  private List<String> logged() {
    return writer.transaction(
        tx ->
            tx.query("SELECT comparison_id FROM label_event ORDER BY id")
                .mapTo(String.class)
                .list());
  }
}
