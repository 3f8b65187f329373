package plaudit.lab.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import plaudit.input.InvalidInputException;

/**
 * A load on a gateway that does not wait for it: each request has its moment, whatever became of
 * those before. Latency counts from that moment, not from when a connection was free (Tene's
 * coordinated omission), so that a gateway which stands still is seen to stand still.
 */
public final class LoadBench {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LEASES_AT_ONCE = 50;
  private static final long HEAD_START_NANOS = 100_000_000;
  private static final int MOST_SECONDS = 600;

  /** Requests whose moment is so long ago are not sent any more. */
  private static final long TOO_LATE_NANOS = 20_000_000_000L;

  private static final int MOST_RATE = 100_000;

  /** More connections for leases than the gateway has places: a slow answer holds no lease up. */
  private static final int LEASE_CONNECTIONS = 6;

  /** How far leases are beyond what judgments need, in the scenario of overload. */
  private static final int OVERLOAD = 10;

  /** What is loaded. */
  public enum Scenario {
    /** Judgments, one a request. */
    SINGLE,
    /** Judgments in batches. */
    BATCH,
    /** Judgments, one a request, while ten times as many leases are asked for. */
    OVERLOAD
  }

  /**
   * What is done.
   *
   * @param rate judgments a second
   * @param seconds how long
   * @param warmUp seconds at the same rate and on the same connections before, not counted
   * @param batch judgments of a batch
   * @param connections of the judgments; leases have six times as many
   * @param target a running gateway; else one is started in {@code directory}
   */
  public record Plan(
      Scenario scenario,
      double rate,
      int seconds,
      int warmUp,
      int batch,
      int connections,
      @Nullable Target target,
      Path directory) {

    public Plan {
      if (!(rate > 0 && rate <= MOST_RATE)) {
        throw InvalidInputException.of("--rate", rate, "> 0 to " + MOST_RATE + " judgments/s");
      }
      inRange("--seconds", seconds, 1, MOST_SECONDS);
      inRange("--warm-up", warmUp, 0, MOST_SECONDS);
      inRange("--batch", batch, 1, 500);
      inRange("--connections", connections, 1, 1_000);
    }

    private static void inRange(String option, int value, int least, int most) {
      if (value < least || value > most) {
        throw InvalidInputException.of(option, value, least + " to " + most);
      }
    }
  }

  /** A running gateway on this machine, and a vendor's key. */
  public record Target(URI url, String key) {
    public Target {
      try {
        if (!InetAddress.getByName(url.getHost()).isLoopbackAddress()) {
          throw InvalidInputException.of("--url", url, "a gateway on this machine (127.0.0.1)");
        }
      } catch (IOException e) {
        throw InvalidInputException.of("--url", url, "http://127.0.0.1:PORT");
      }
    }
  }

  /**
   * One stream of requests; times in milliseconds, of those that were served.
   *
   * @param what was sent
   * @param wanted a second, in judgments or leases
   * @param done a second
   * @param cpuMillis processor time of the gateway for each judgment or lease that was done, of all
   *     streams together; null where it is not this bench's own
   * @param refused requests by HTTP status; 0 stands for no answer, or for one whose moment was 20
   *     s ago when a connection was free
   */
  public record Row(
      String what,
      double wanted,
      double done,
      double p50,
      double p90,
      double p99,
      double max,
      @Nullable Double cpuMillis,
      Map<Integer, Long> refused) {}

  private final Plan plan;

  public LoadBench(Plan plan) {
    this.plan = plan;
  }

  /** Starts a gateway if there is none, takes the tasks that are needed on lease, and loads. */
  public List<Row> run() throws IOException, InterruptedException {
    Target given = plan.target;
    if (given != null) {
      return load(given.url, List.of(given.key), null);
    }
    Map<String, Object> settings = GatewayProcess.settings(GatewayProcess.fileUrl(plan.directory));
    settings.put("plaudit.gateway.store.repeats.share", 0);
    try (GatewayProcess process =
        GatewayProcess.start(plan.directory, "load", 10 * LEASES_AT_ONCE, settings)) {
      return load(
          process.url(),
          GatewayProcess.VENDORS.stream().map(GatewayProcess::key).toList(),
          process);
    }
  }

  private List<Row> load(URI gateway, List<String> keys, @Nullable GatewayProcess process)
      throws IOException, InterruptedException {
    int judgments = (int) Math.ceil(plan.rate * plan.seconds);
    int before = (int) Math.ceil(plan.rate * plan.warmUp);
    List<Judgment> leased = leased(gateway, keys, before + judgments);
    List<Request> requests = requests(leased.subList(0, before), keys);
    int uncounted = requests.size();
    requests.addAll(requests(leased.subList(before, leased.size()), keys));
    List<Stream> streams = new ArrayList<>();
    streams.add(
        new Stream("judgments", requests, uncounted, plan.rate, Duration.ZERO, plan.connections));
    Duration warmUp = Duration.ofSeconds(plan.warmUp);
    if (plan.scenario == Scenario.OVERLOAD) {
      List<Request> leases = new ArrayList<>();
      for (int i = 0; i < OVERLOAD * judgments; i++) {
        String body = "{\"labelerId\":\"crowd-" + i % 200 + "\",\"max\":1}";
        leases.add(new Request("/v1/leases", keys.get(i % keys.size()), body, 1));
      }
      int connections = LEASE_CONNECTIONS * plan.connections;
      streams.add(new Stream("leases", leases, 0, OVERLOAD * plan.rate, warmUp, connections));
    }
    Double cpu = run(gateway, streams, warmUp, process);
    long done = streams.stream().mapToLong(stream -> stream.done.get()).sum();
    Double each = cpu == null ? null : cpu / Math.max(1, done);
    return streams.stream().map(stream -> stream.row(each)).toList();
  }

  private List<Request> requests(List<Judgment> judgments, List<String> keys) {
    List<Request> requests = new ArrayList<>();
    if (plan.scenario == Scenario.BATCH) {
      for (String key : keys) {
        List<String> own =
            judgments.stream().filter(one -> one.key.equals(key)).map(Judgment::body).toList();
        for (int from = 0; from < own.size(); from += plan.batch) {
          List<String> some = own.subList(from, Math.min(from + plan.batch, own.size()));
          String body = "{\"judgments\":[" + String.join(",", some) + "]}";
          requests.add(new Request("/v1/judgments:batch", key, body, some.size()));
        }
      }
    } else {
      judgments.forEach(one -> requests.add(new Request("/v1/judgments", one.key, one.body, 1)));
    }
    return requests;
  }

  /** Milliseconds of processor time that the gateway took after the warm-up, if it is our own. */
  private @Nullable Double run(
      URI gateway, List<Stream> streams, Duration warmUp, @Nullable GatewayProcess process)
      throws IOException, InterruptedException {
    long start = System.nanoTime() + HEAD_START_NANOS;
    List<Thread> threads = new ArrayList<>();
    for (Stream stream : streams) {
      for (int i = 0; i < stream.connections; i++) {
        Thread thread = new Thread(() -> stream.work(gateway, start), stream.what + "-" + i);
        thread.start();
        threads.add(thread);
      }
    }
    TimeUnit.NANOSECONDS.sleep(start + warmUp.toNanos() - System.nanoTime());
    Duration cpu = process == null ? Duration.ZERO : process.cpu();
    for (Thread thread : threads) {
      thread.join();
    }
    return process == null ? null : process.cpu().minus(cpu).toNanos() / 1e6;
  }

  private record Judgment(String key, String body) {}

  private record Request(String path, String key, String body, int items) {}

  /** Takes tasks on lease, fifty at a time, for as many labelers as that takes. */
  private List<Judgment> leased(URI gateway, List<String> keys, int count) throws IOException {
    List<Judgment> judgments = new ArrayList<>();
    try (Line line = new Line(gateway, PATIENCE)) {
      for (int block = 0; judgments.size() < count; block++) {
        String labeler = "load-" + Long.toString(System.nanoTime(), 36) + "-" + block;
        String key = keys.get(block % keys.size());
        int max = Math.min(LEASES_AT_ONCE, count - judgments.size());
        String body = "{\"labelerId\":\"" + labeler + "\",\"max\":" + max + ",\"waitSeconds\":5}";
        Line.Answer answer = line.postWithKey("/v1/leases", body, key, null);
        if (answer.status() != 200) {
          throw new InvalidInputException(
              "tasks: %d on lease, then %d %s (expected: %d; a lower --rate or --seconds needs fewer)"
                  .formatted(judgments.size(), answer.status(), answer.text(), count));
        }
        for (JsonNode lease : JSON.readTree(answer.body()).path("leases")) {
          judgments.add(
              new Judgment(
                  key,
                  JSON.createObjectNode()
                      .put("leaseId", lease.path("leaseId").asText())
                      .put("epoch", lease.path("epoch").asInt())
                      .put("labelerId", labeler)
                      .put("choiceId", lease.at("/task/choices/0/choiceId").asText())
                      .toString()));
        }
      }
    }
    return judgments;
  }

  /** Requests at equal distances, sent by whichever connection is free at the moment or next. */
  private static final class Stream {
    private final String what;
    private final List<Request> requests;
    private final int uncounted;
    private final double wanted;
    private final long offsetNanos;
    private final double distanceNanos;
    private final int connections;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong last = new AtomicLong();
    private final Histogram micros = new ConcurrentHistogram(3);
    private final Map<Integer, Long> refused = new ConcurrentSkipListMap<>();
    private final ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

    /**
     * A stream.
     *
     * @param uncounted so many of the first requests only warm the gateway up
     * @param wanted items a second
     * @param after the first request's moment
     */
    Stream(
        String what,
        List<Request> requests,
        int uncounted,
        double wanted,
        Duration after,
        int connections) {
      this.what = what;
      this.requests = requests;
      this.uncounted = uncounted;
      this.wanted = wanted;
      this.offsetNanos = after.toNanos();
      this.connections = connections;
      int items = requests.stream().mapToInt(Request::items).sum();
      this.distanceNanos = 1e9 * items / requests.size() / wanted;
    }

    void work(URI gateway, long start) {
      try (Line line = new Line(gateway, PATIENCE)) {
        for (long i = next.getAndIncrement(); i < requests.size(); i = next.getAndIncrement()) {
          long moment = start + offsetNanos + Math.round(i * distanceNanos);
          for (long left = moment - System.nanoTime();
              left > 0;
              left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
          }
          boolean late = System.nanoTime() - moment > TOO_LATE_NANOS;
          Sent sent =
              late
                  ? new Sent(0, 0, Map.of())
                  : send(line, requests.get((int) i), what + "-" + start + "-" + i);
          if (i >= uncounted) {
            count(sent, moment, start + offsetNanos + Math.round(uncounted * distanceNanos));
          }
        }
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }

    private void count(Sent sent, long moment, long first) {
      long now = System.nanoTime();
      last.accumulateAndGet(now - first, Math::max);
      done.addAndGet(sent.done);
      sent.refused.forEach((status, count) -> refused.merge(status, count, Long::sum));
      if (sent.status / 100 == 2) {
        micros.recordValue(Math.max(1, (now - moment) / 1_000));
      } else {
        refused.merge(sent.status, 1L, Long::sum);
      }
    }

    /** An answer: its status, items that were done, and items of a batch that were refused. */
    private record Sent(int status, int done, Map<Integer, Long> refused) {}

    private static Sent send(Line line, Request request, String key) {
      try {
        Line.Answer answer = line.postWithKey(request.path, request.body, request.key, key);
        if (answer.status() / 100 != 2 || !request.path.endsWith(":batch")) {
          return new Sent(answer.status(), answer.status() / 100 == 2 ? 1 : 0, Map.of());
        }
        int done = 0;
        Map<Integer, Long> refused = new TreeMap<>();
        for (JsonNode result : JSON.readTree(answer.body()).path("results")) {
          int status = result.path("status").asInt();
          if (status / 100 == 2) {
            done++;
          } else {
            refused.merge(status, 1L, Long::sum);
          }
        }
        return new Sent(answer.status(), done, refused);
      } catch (IOException e) {
        return new Sent(0, 0, Map.of());
      }
    }

    Row row(@Nullable Double cpuMillis) {
      RuntimeException failure = failures.peek();
      if (failure != null) {
        throw failure;
      }
      return new Row(
          what,
          wanted,
          done.get() / Math.max(1e-3, last.get() / 1e9),
          micros.getValueAtPercentile(50) / 1e3,
          micros.getValueAtPercentile(90) / 1e3,
          micros.getValueAtPercentile(99) / 1e3,
          micros.getMaxValue() / 1e3,
          cpuMillis,
          new TreeMap<>(refused));
    }
  }
}
