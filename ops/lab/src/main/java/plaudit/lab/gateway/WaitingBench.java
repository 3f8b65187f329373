package plaudit.lab.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import plaudit.input.InvalidInputException;

/** Pages that wait for a task at one gateway, all at once: what they cost, and how each ends. */
public final class WaitingBench {

  private static final int MOST = 19_000;
  private static final int MOST_SECONDS = 600;
  private static final int STATUS_FROM = 9;
  private static final int STATUS_TO = 12;

  private final int pages;
  private final int seconds;
  private final Path directory;

  /**
   * What was seen of the gateway's process before and while all pages waited.
   *
   * @param pages how many asked
   * @param waiting how many of them had no answer when all had asked
   * @param openSeconds from the first request to the last
   * @param threadsBefore threads of the process
   * @param threads the same while they waited
   * @param residentBefore MiB of memory in use
   * @param resident the same while they waited
   * @param cpuShare processor time while they waited, of one core
   * @param healthMillis how long another request took then, the longest of some
   * @param answers how the waiting ended: requests by HTTP status, 0 for none; 204 says that there
   *     was no task in time
   */
  public record Result(
      int pages,
      int waiting,
      double openSeconds,
      long threadsBefore,
      long threads,
      long residentBefore,
      long resident,
      double cpuShare,
      double healthMillis,
      Map<Integer, Integer> answers) {}

  /** {@code pages} that wait for so many seconds each. */
  public WaitingBench(int pages, int seconds, Path directory) {
    if (pages < 1 || pages > MOST) {
      throw InvalidInputException.of("--connections", pages, "1 to " + MOST + " that wait");
    }
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw InvalidInputException.of("--seconds", seconds, "1 to " + MOST_SECONDS);
    }
    this.pages = pages;
    this.seconds = seconds;
    this.directory = directory;
  }

  /** Starts a gateway without tasks, and asks it. */
  public Result run() throws IOException, InterruptedException {
    Map<String, Object> settings = GatewayProcess.settings(GatewayProcess.fileUrl(directory));
    settings.put("plaudit.gateway.max-wait", MOST_SECONDS + "s");
    List<Socket> sockets = new ArrayList<>();
    try (GatewayProcess gateway = GatewayProcess.start(directory, "waiting", 0, settings)) {
      health(gateway);
      long threadsBefore = gateway.status("Threads");
      long residentBefore = gateway.status("VmRSS");
      long start = System.nanoTime();
      for (int i = 0; i < pages; i++) {
        sockets.add(ask(gateway, i));
      }
      double openSeconds = (System.nanoTime() - start) / 1e9;
      int waiting = 0;
      for (Socket socket : sockets) {
        waiting += socket.getInputStream().available() == 0 ? 1 : 0;
      }
      health(gateway); // after all that came before it
      long cpu = gateway.cpu().toNanos();
      long from = System.nanoTime();
      double healthMillis = 0;
      for (int i = 0; i < Math.max(1, seconds / 4); i++) {
        healthMillis = Math.max(healthMillis, health(gateway));
        TimeUnit.SECONDS.sleep(1);
      }
      double share = (double) (gateway.cpu().toNanos() - cpu) / (System.nanoTime() - from);
      long threads = gateway.status("Threads");
      long resident = gateway.status("VmRSS");
      Map<Integer, Integer> answers = new TreeMap<>();
      for (Socket socket : sockets) {
        answers.merge(status(socket), 1, Integer::sum);
      }
      return new Result(
          pages,
          waiting,
          openSeconds,
          threadsBefore,
          threads,
          residentBefore >> 10,
          resident >> 10,
          share,
          healthMillis,
          answers);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private Socket ask(GatewayProcess gateway, int number) throws IOException {
    String vendor = GatewayProcess.VENDORS.get(number % GatewayProcess.VENDORS.size());
    String body = "{\"labelerId\":\"page-%d\",\"waitSeconds\":%d}".formatted(number, seconds);
    Socket socket = new Socket(gateway.url().getHost(), gateway.url().getPort());
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(seconds + 60L));
    socket
        .getOutputStream()
        .write(
            "POST /v1/leases HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(
                    gateway.url().getAuthority(), GatewayProcess.key(vendor), body.length(), body)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static int status(Socket socket) {
    try {
      InputStream in = socket.getInputStream();
      String line = new String(in.readNBytes(STATUS_TO), StandardCharsets.US_ASCII);
      return line.length() < STATUS_TO ? 0 : Integer.parseInt(line.substring(STATUS_FROM));
    } catch (IOException e) {
      return 0;
    }
  }

  private static double health(GatewayProcess gateway) throws IOException {
    long start = System.nanoTime();
    try (Line line = new Line(gateway.url(), java.time.Duration.ofSeconds(30))) {
      line.get("/healthz", GatewayProcess.VENDORS.get(0));
    }
    return (System.nanoTime() - start) / 1e6;
  }
}
