package plaudit.lab.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import plaudit.input.InvalidInputException;
import plaudit.json.JsonFiles;

/**
 * A short quickstart with and without parties that take tasks over HTTP, as the page and vendors
 * do, and never answer. Each run is a process of its own, with the same settings and seed; the
 * simulated labelers of the quickstart work in both.
 *
 * <p>One party of each kind comes when the gateway opens, the others as the labels come in, the
 * last when nearly all are there: then each task that is missing is needed.
 */
public final class SilenceBench {

  /** Who falls silent. */
  public enum Kind {
    /** Holds a task and one fetched ahead, and hands both back as it is closed. */
    CLOSED_TAB,
    /** Holds a task and one fetched ahead, and is gone without a word. */
    KILLED_BROWSER,
    /** Holds a task and one fetched ahead, goes on asking how many wait, and no person moves. */
    IDLE_PAGE,
    /** Takes for over what it holds, and takes tasks until it is refused: a clock that is wrong. */
    WRONG_CLOCK,
    /** A vendor whose labelers take {@value #OF_A_VENDOR} tasks. */
    VENDOR
  }

  /**
   * One run.
   *
   * @param silent parties
   * @param taken tasks they took, by kind; those of closed tabs were handed back
   * @param trained seconds from the gateway's opening to the first reward model
   * @param labeled seconds to the last label that is wanted
   * @param ended seconds to the end of the loops
   */
  public record Row(
      int silent, Map<Kind, Integer> taken, double trained, double labeled, double ended) {}

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int LOOK_MILLIS = 200;
  private static final int COUNT_SECONDS = 5;
  private static final int WAIT_SECONDS = 10;
  private static final int OF_A_PAGE = 2;
  private static final int OF_A_VENDOR = 50;
  private static final int OF_A_LABELER = 20;
  private static final double LAST = .97;

  private final int parties;
  private final List<String> settings;

  /**
   * A measurement.
   *
   * @param parties of each kind
   * @param settings of both runs
   */
  public SilenceBench(int parties, List<String> settings) {
    if (parties < 1 || parties > 100) {
      throw InvalidInputException.of("--parties", parties, "1 to 100");
    }
    this.parties = parties;
    this.settings = List.copyOf(settings);
  }

  /**
   * Runs once.
   *
   * @param silence whether silent parties take part
   * @param directory for the run and its log
   */
  public Row run(boolean silence, Path directory) throws IOException, InterruptedException {
    URI gateway = URI.create("http://127.0.0.1:" + freePort());
    Path own = Files.createDirectories(directory.toAbsolutePath());
    List<String> arguments = new ArrayList<>(List.of("quickstart", "--json"));
    arguments.addAll(settings);
    arguments.addAll(
        List.of(
            "run.directory=\"" + own + '"',
            "telemetry.port=0",
            "gateway.port=" + gateway.getPort(),
            IntStream.range(0, parties)
                .mapToObj(i -> "{name=\"%s\",key=\"%s\"}".formatted(vendor(i), key(i)))
                .collect(Collectors.joining(",", "gateway.vendors=[", "]"))));
    CompletableFuture<String> child =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ChildVerb.run(arguments, own.resolve("run.log"));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("the run cannot be started", e);
              }
            },
            task -> new Thread(task, "run").start());
    Watch watch = new Watch(gateway, silence ? parties : 0);
    while (!ended(child)) {
      watch.look();
    }
    return watch.row();
  }

  private static boolean ended(CompletableFuture<String> child) throws InterruptedException {
    try {
      child.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new IllegalStateException("the run failed", e.getCause());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return any.getLocalPort();
    }
  }

  private static String vendor(int party) {
    return "silent-" + party;
  }

  private static String key(int party) {
    return vendor(party) + "-key-of-more-than-24-characters";
  }

  /** Looks at the run through the gateway, and lets the parties come. */
  private static final class Watch {
    private final URI gateway;
    private final int parties;
    private final HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final Map<Kind, Integer> taken = new ConcurrentHashMap<>();
    private final List<Caller> idle = new ArrayList<>();
    private Caller observer;
    private int come;
    private long opened;
    private long counted;
    private double trained;
    private double labeled;
    private double ended;

    Watch(URI gateway, int parties) {
      this.gateway = gateway;
      this.parties = parties;
      this.observer = new Caller(http, gateway, "", "");
    }

    /** One look; a gateway that is not up yet, or no more, is none. */
    void look() throws InterruptedException {
      try {
        if (opened == 0) {
          observer = Caller.page(http, gateway);
          opened = System.nanoTime();
        }
        JsonNode status = observer.get("/v1/run/status").path("run");
        double now = (System.nanoTime() - opened) / 1e9;
        double wanted = status.path("labelsWanted").asDouble();
        double labels = status.path("labels").asDouble();
        if (trained == 0 && status.has("rewardVersion")) {
          trained = now;
        }
        if (labeled == 0 && wanted > 0 && labels >= wanted) {
          labeled = now;
        }
        ended = now;
        double share = LAST * come / Math.max(1, parties - 1);
        if (come < parties && labels >= share * wanted) {
          comes(come++);
        }
        if (now - counted > COUNT_SECONDS) {
          counted = Math.round(now);
          for (Caller page : idle) {
            page.get("/v1/vendors/me/stats");
          }
        }
      } catch (IOException e) {
        // The gateway opens after the base model was measured, and closes before the tuned one is.
      }
    }

    /** One party of each kind; each waits for its tasks as the page does. */
    private void comes(int party) throws IOException, InterruptedException {
      for (Kind kind : Kind.values()) {
        Caller caller =
            kind == Kind.VENDOR
                ? new Caller(http, gateway, "", key(party))
                : Caller.page(http, gateway);
        if (kind == Kind.IDLE_PAGE) {
          idle.add(caller);
        }
        Thread thread = new Thread(() -> takes(kind, caller), kind + "-" + party);
        thread.setDaemon(true);
        thread.start();
      }
    }

    private void takes(Kind kind, Caller caller) {
      try {
        List<String> leases = new ArrayList<>();
        int wanted =
            switch (kind) {
              case VENDOR -> OF_A_VENDOR;
              case WRONG_CLOCK -> OF_A_LABELER;
              default -> OF_A_PAGE;
            };
        for (int tries = 0; leases.size() < wanted && tries < wanted; tries++) {
          Caller labeler =
              kind == Kind.VENDOR ? caller.as("labeler-" + leases.size() / OF_A_LABELER) : caller;
          int room = OF_A_LABELER - leases.size() % OF_A_LABELER;
          int max = kind == Kind.VENDOR ? Math.min(room, wanted - leases.size()) : 1;
          List<String> more = labeler.lease(max);
          leases.addAll(more);
          taken.merge(kind, more.size(), Integer::sum);
        }
        if (kind == Kind.CLOSED_TAB) {
          for (String lease : leases) {
            caller.post("/v1/leases/" + lease + ":release", "{}");
          }
        }
      } catch (IOException e) {
        // The run has ended before the party had all that it wanted.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    Row row() {
      return new Row(parties * Kind.values().length, new TreeMap<>(taken), trained, labeled, ended);
    }
  }

  /** A page with its cookie, or a vendor with its key. */
  private record Caller(
      HttpClient http, URI gateway, String labeler, String header, String secret) {

    /** A vendor that has no labeler yet. */
    Caller(HttpClient http, URI gateway, String labeler, String key) {
      this(http, gateway, labeler, "Authorization", "Bearer " + key);
    }

    /** A browser that opens the page. */
    static Caller page(HttpClient http, URI gateway) throws IOException, InterruptedException {
      HttpResponse<String> page =
          http.send(
              HttpRequest.newBuilder(gateway.resolve("/")).timeout(PATIENCE).build(),
              BodyHandlers.ofString());
      String cookie =
          page.headers()
              .firstValue("Set-Cookie")
              .orElseThrow(() -> new IOException("no session: " + page.statusCode()))
              .replaceFirst(";.*", "");
      Caller caller = new Caller(http, gateway, "", "Cookie", cookie);
      return caller.as(caller.get("/v1/session").path("labelerId").asText());
    }

    Caller as(String other) {
      return new Caller(http, gateway, other, header, secret);
    }

    JsonNode get(String path) throws IOException, InterruptedException {
      return JsonFiles.MAPPER.readTree(
          http.send(request(path).build(), BodyHandlers.ofString()).body());
    }

    /** Takes up to {@code max} tasks; the ids of the leases. */
    List<String> lease(int max) throws IOException, InterruptedException {
      HttpResponse<String> answer =
          post(
              "/v1/leases",
              "{\"labelerId\":\"%s\",\"max\":%d,\"waitSeconds\":%d}"
                  .formatted(labeler, max, WAIT_SECONDS));
      List<String> leases = new ArrayList<>();
      if (answer.statusCode() == 200) {
        JsonFiles.MAPPER
            .readTree(answer.body())
            .path("leases")
            .forEach(lease -> leases.add(lease.path("leaseId").asText()));
      }
      return leases;
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
      return http.send(
          request(path)
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(json))
              .build(),
          BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(gateway.resolve(path))
          .timeout(PATIENCE)
          .header(header, secret)
          .header("X-Plaudit-Page", "1");
    }
  }
}
