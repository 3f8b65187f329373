package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.json.Json;
import plaudit.gateway.store.Comparisons;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.gateway.store.Lease;
import plaudit.gateway.store.LeaseOutcome;
import plaudit.gateway.store.StoreSettings;
import plaudit.gateway.store.Stores;

/**
 * Far more is asked of a gateway than it can do, in open loop: each request has its time, and what
 * it takes is counted from that time, whether or not it could be sent by then. What the clients saw
 * is printed: they run on the cores that the gateway runs on.
 */
@Tag("slow")
class OverloadTest {

  private static final int SECONDS = 8;
  private static final int LEASED = 3000;
  private static final int OPEN = 40_000;
  private static final int AT_ONCE = 20;

  private final TestGateway gateway;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  OverloadTest(@TempDir Path directory) {
    StoreSettings.Held enough = new StoreSettings.Held(1_000_000, 1_000_000);
    JdbcLabels labels =
        JdbcLabels.open(
            Stores.settings(directory).withHeld(enough),
            InstantSource.system(),
            new SecureRandom());
    gateway = new TestGateway(labels, RunView.none(), settings -> settings.withRate(1e9, 1 << 30));
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    gateway.close();
  }

  /** When an answer came after its time, and what it was. */
  private record Sample(double millis, int status) {}

  @Test
  @Timeout(180)
  void everyJudgmentIsTakenAndWaitsLessThanRequestsForTasksOfWhichSomeAreRefused()
      throws Exception {
    gateway.labels.ask(Comparisons.some("c", LEASED + OPEN));
    List<byte[]> answers = new ArrayList<>();
    while (answers.size() < LEASED) {
      Labeler labeler = new Labeler("acme", "judges" + answers.size() / AT_ONCE);
      LeaseOutcome.Granted granted = (LeaseOutcome.Granted) gateway.labels.lease(labeler, AT_ONCE);
      granted.leases().forEach(lease -> answers.add(judgment(labeler, lease)));
    }
    double capacity = capacity();
    double judgments = Math.min(capacity / 4, (double) LEASED / SECONDS);
    Future<List<Sample>> judged = threads.submit(() -> openLoop(judgments, 64, answers::get));
    Future<List<Sample>> leased = threads.submit(() -> openLoop(10 * capacity, 400, i -> lease(i)));
    report("judgments", judgments, judged.get());
    report("leases", 10 * capacity, leased.get());
    for (String work : List.of("judgment", "lease")) {
      Timer wait = waits(work);
      System.out.printf(
          "%s: %d waited %.1f ms for a thread in the mean, %.0f ms at most%n",
          work, wait.count(), wait.mean(TimeUnit.MILLISECONDS), wait.max(TimeUnit.MILLISECONDS));
    }
    assertThat(judged.get()).allMatch(sample -> sample.status() == 201);
    assertThat(waits("judgment").mean(TimeUnit.MILLISECONDS))
        .isLessThan(waits("lease").mean(TimeUnit.MILLISECONDS));
    assertThat(leased.get()).anyMatch(sample -> sample.status() == 503);
    assertThat(leased.get())
        .allMatch(sample -> List.of(200, 204, 429, 503).contains(sample.status()));
  }

  private Timer waits(String work) {
    return gateway.registry.get("plaudit.gateway.admission.wait").tag("work", work).timer();
  }

  /** Requests for tasks per second that the gateway serves when sixteen ask one after another. */
  private double capacity() throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + 3_000_000_000L;
    List<Future<Integer>> counts = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int lane = i;
      counts.add(
          threads.submit(
              () -> {
                int count = 0;
                try (Lane connection = new Lane()) {
                  while (System.nanoTime() < end) {
                    count += connection.send(lease(lane)) == 503 ? 0 : 1;
                  }
                }
                return count;
              }));
    }
    int sum = 0;
    for (Future<Integer> count : counts) {
      sum += count.get();
    }
    return sum / 3.0;
  }

  private List<Sample> openLoop(double perSecond, int lanes, IntFunction<byte[]> requests)
      throws InterruptedException, ExecutionException {
    Queue<Sample> samples = new ConcurrentLinkedQueue<>();
    AtomicInteger next = new AtomicInteger();
    int total = (int) (perSecond * SECONDS);
    long start = System.nanoTime();
    List<Future<?>> all = new ArrayList<>();
    for (int lane = 0; lane < lanes; lane++) {
      all.add(
          threads.submit(
              () -> {
                try (Lane connection = new Lane()) {
                  for (int i = next.getAndIncrement(); i < total; i = next.getAndIncrement()) {
                    long due = start + (long) (i / perSecond * 1e9);
                    if (System.nanoTime() - start > 2e9 * SECONDS) {
                      break; // the clients cannot send more in twice the time
                    }
                    while (System.nanoTime() < due) {
                      LockSupport.parkNanos(due - System.nanoTime());
                    }
                    int status = connection.send(requests.apply(i));
                    samples.add(new Sample((System.nanoTime() - due) / 1e6, status));
                  }
                }
                return null;
              }));
    }
    for (Future<?> lane : all) {
      lane.get();
    }
    return List.copyOf(samples);
  }

  private static void report(String what, double perSecond, List<Sample> samples) {
    Map<Integer, Integer> statuses = new TreeMap<>();
    samples.forEach(sample -> statuses.merge(sample.status(), 1, Integer::sum));
    System.out.printf(
        "%s: %.0f/s meant, %d answered %s; p50 %.0f ms, p99 %.0f ms, most %.0f ms%n",
        what,
        perSecond,
        samples.size(),
        statuses,
        quantile(samples, 0.5),
        quantile(samples, 0.99),
        quantile(samples, 1));
  }

  private static double quantile(List<Sample> samples, double share) {
    double[] millis = samples.stream().mapToDouble(Sample::millis).sorted().toArray();
    return millis[(int) Math.min(millis.length - 1L, (long) (share * millis.length))];
  }

  private static byte[] lease(int i) {
    return post("/v1/leases", "{\"labelerId\":\"asks%d\"}".formatted(i % 100), "");
  }

  private static byte[] judgment(Labeler labeler, Lease lease) {
    Map<String, Object> judgment =
        Map.of(
            "leaseId", lease.leaseId(),
            "epoch", lease.epoch(),
            "labelerId", labeler.id(),
            "choiceId", lease.task().choices().get(0).choiceId());
    return post(
        "/v1/judgments", Json.write(judgment), "Idempotency-Key: " + lease.leaseId() + "\r\n");
  }

  private static byte[] post(String path, String body, String headers) {
    return "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"
        .formatted(path, TestGateway.ACME, body.length(), headers, body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** One connection that sends a request after another. */
  private final class Lane implements AutoCloseable {

    private final Socket socket;
    private final DataInputStream in;

    Lane() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.address().getPort());
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
    }

    int send(byte[] request) throws IOException {
      socket.getOutputStream().write(request);
      String line = line();
      int status = Integer.parseInt(line.substring(9, 12));
      int length = 0;
      for (line = line(); !line.isEmpty(); line = line()) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      in.readFully(new byte[length]);
      return status;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("closed after: " + line);
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
