package plaudit.node.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import plaudit.gateway.store.LeaseRenewal;
import plaudit.input.InvalidInputException;
import plaudit.input.UnavailableException;
import plaudit.json.JsonFiles;

/**
 * The right to make a run, as a {@code Lease} of Kubernetes' own API ({@code
 * coordination.k8s.io/v1}). Each change is compare-and-set by the object's resource version.
 *
 * <p>No clock is compared with another machine's: a lease whose holder has not renewed it counts as
 * free when this process has seen it unchanged for the whole of its time. So taking the lease of a
 * process that died lasts that long.
 */
final class KubernetesLease {

  private static final String PATH = "plaudit.run.lease.kubernetes";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final int NAME_LENGTH = 63;

  /** What this process has seen of leases that others have, by their URL. */
  private static final Map<URI, Seen> SEEN = new ConcurrentHashMap<>();

  private record Seen(String version, long since) {}

  private final Api api;
  private final Duration time;
  private final InstantSource clock;

  KubernetesLease(Api api, Duration time, InstantSource clock) {
    this.api = api;
    this.time = time;
    this.clock = clock;
  }

  /** As a pod finds the API, or as the settings say. */
  static KubernetesLease from(Config config, Duration time) {
    Config own = config.getConfig(PATH);
    return new KubernetesLease(
        Api.of(
            own.getString("api"),
            Path.of(own.getString("account")),
            own.getString("namespace"),
            time.dividedBy(LeaseRenewal.RENEWALS)),
        time,
        InstantSource.system());
  }

  /**
   * Takes the lease, unless another process has it; waits up to its time to find that out.
   *
   * @throws InvalidInputException if the API refuses, or does not answer
   */
  Optional<LeaseRenewal> take(String run, String holder) {
    URI url = api.lease(name(run));
    try {
      while (true) {
        long before = System.nanoTime();
        Optional<JsonNode> there = api.get(url);
        if (there.isPresent() && isHeld(url, there.get())) {
          Seen seen = SEEN.get(url);
          if (seen != null && changedSince(url, seen)) {
            return Optional.empty();
          }
          continue;
        }
        Optional<JsonNode> mine = write(url, run, holder, there);
        if (mine.isEmpty()) {
          return Optional.empty(); // another process was faster
        }
        SEEN.remove(url);
        return Optional.of(new LeaseRenewal(run, new Entry(url, mine.get()), time, before));
      }
    } catch (IOException e) {
      throw unusable(url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** The process that has it, in words; empty if none has. Does not wait. */
  Optional<String> holder(String run) {
    URI url = api.lease(name(run));
    try {
      Optional<JsonNode> there = api.get(url);
      return there.filter(lease -> isHeld(url, lease)).map(KubernetesLease::holderOf);
    } catch (IOException e) {
      throw unusable(url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("a process that could not be asked for");
    }
  }

  /** Looks again and again until the holder has renewed it, or its time is over. */
  private boolean changedSince(URI url, Seen seen) throws IOException, InterruptedException {
    while (System.nanoTime() - seen.since() < time.toNanos()) {
      Thread.sleep(time.toMillis() / (4L * LeaseRenewal.RENEWALS));
      Optional<JsonNode> now = api.get(url);
      if (now.isEmpty() || holderOf(now.get()).isEmpty()) {
        return false;
      }
      if (!version(now.get()).equals(seen.version())) {
        return true;
      }
    }
    return false;
  }

  private boolean isHeld(URI url, JsonNode lease) {
    if (holderOf(lease).isEmpty()) {
      return false;
    }
    String version = version(lease);
    Seen seen =
        SEEN.compute(
            url,
            (any, before) ->
                before != null && before.version().equals(version)
                    ? before
                    : new Seen(version, System.nanoTime()));
    Duration lasts = Duration.ofSeconds(lease.path("spec").path("leaseDurationSeconds").asLong(1));
    long longer = Math.max(lasts.toNanos(), time.toNanos());
    return System.nanoTime() - seen.since() < longer;
  }

  private Optional<JsonNode> write(URI url, String run, String holder, Optional<JsonNode> there)
      throws IOException, InterruptedException {
    ObjectNode lease = there.<ObjectNode>map(JsonNode::deepCopy).orElseGet(() -> fresh(run));
    ObjectNode spec = lease.withObject("/spec");
    String now = MICROS.format(clock.instant());
    spec.put("holderIdentity", holder);
    spec.put("leaseDurationSeconds", Math.max(1, (time.toMillis() + 999) / 1_000));
    spec.put("acquireTime", now);
    spec.put("renewTime", now);
    spec.put("leaseTransitions", spec.path("leaseTransitions").asLong(0) + 1);
    return there.isPresent() ? api.put(url, lease) : api.post(lease);
  }

  private static ObjectNode fresh(String run) {
    ObjectNode lease = JsonFiles.MAPPER.createObjectNode();
    lease.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
    lease.putObject("metadata").put("name", name(run));
    return lease;
  }

  /** A name of Kubernetes: a label of DNS. */
  private static String name(String run) {
    String label = ("plaudit-" + run).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "-");
    String cut = label.substring(0, Math.min(NAME_LENGTH, label.length()));
    return cut.replaceAll("-+$", "");
  }

  private static String holderOf(JsonNode lease) {
    return lease.path("spec").path("holderIdentity").asText("");
  }

  private static String version(JsonNode lease) {
    return lease.path("metadata").path("resourceVersion").asText("");
  }

  private static InvalidInputException unusable(URI url, IOException e) {
    return e instanceof Refused
        ? InvalidInputException.of(
            PATH, url, "a service account that may get, create and update leases; " + message(e))
        : UnavailableException.of(PATH, url, "an API that answers; " + message(e));
  }

  private static String message(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** The API understood, and does not allow it. */
  private static final class Refused extends IOException {
    Refused(String message) {
      super(message);
    }
  }

  /** The lease as this process has written it last. */
  private final class Entry implements LeaseRenewal.Entry {

    private final URI url;
    private JsonNode last;

    Entry(URI url, JsonNode last) {
      this.url = url;
      this.last = last;
    }

    @Override
    public synchronized boolean renew() throws IOException, InterruptedException {
      Instant now = clock.instant();
      return change(spec -> spec.put("renewTime", MICROS.format(now)));
    }

    @Override
    public synchronized void release() throws IOException, InterruptedException {
      change(spec -> spec.put("holderIdentity", ""));
    }

    private boolean change(Consumer<ObjectNode> how) throws IOException, InterruptedException {
      ObjectNode next = last.deepCopy();
      how.accept(next.withObject("/spec"));
      Optional<JsonNode> written = api.put(url, next);
      if (written.isEmpty()) {
        // A write whose answer was lost has changed the version too: is it still ours?
        Optional<JsonNode> there = api.get(url);
        boolean mine =
            there.isPresent()
                && holderOf(there.get()).equals(holderOf(last))
                && transitions(there.get()) == transitions(last);
        if (!mine) {
          return false;
        }
        last = there.orElseThrow();
        next = last.deepCopy();
        how.accept(next.withObject("/spec"));
        written = api.put(url, next);
      }
      last = written.orElse(last);
      return written.isPresent();
    }

    private static long transitions(JsonNode lease) {
      return lease.path("spec").path("leaseTransitions").asLong();
    }
  }

  /** The API server, as a pod's service account reaches it. */
  static final class Api {

    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final HttpClient client;
    private final URI leases;
    private final Path token;
    private final Duration timeout;

    private Api(HttpClient client, URI leases, Path token, Duration timeout) {
      this.client = client;
      this.leases = leases;
      this.token = token;
      this.timeout = timeout;
    }

    /**
     * The API.
     *
     * @param address empty for that of the environment, which every pod has
     * @param account the directory with token, ca.crt and namespace
     * @param namespace empty for the account's
     * @throws InvalidInputException if this is no pod, or it has no service account
     */
    static Api of(String address, Path account, String namespace, Duration timeout) {
      String host = System.getenv("KUBERNETES_SERVICE_HOST");
      if (address.isEmpty() && host == null) {
        throw InvalidInputException.of(
            PATH + ".api", "", "https://HOST:PORT, or KUBERNETES_SERVICE_HOST as in a pod");
      }
      String port = System.getenv().getOrDefault("KUBERNETES_SERVICE_PORT", "443");
      String base =
          address.isEmpty()
              ? "https://%s:%s".formatted(host.contains(":") ? "[" + host + "]" : host, port)
              : address;
      if (!base.matches("https?://[^/\\s]+")) {
        throw InvalidInputException.of(PATH + ".api", base, "https://HOST:PORT");
      }
      try {
        String own =
            namespace.isEmpty()
                ? Files.readString(account.resolve("namespace")).strip()
                : namespace;
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(timeout);
        if (base.startsWith("https:")) {
          client.sslContext(trusting(account.resolve("ca.crt")));
        }
        Files.readString(account.resolve("token"));
        URI leases =
            URI.create(base + "/apis/coordination.k8s.io/v1/namespaces/" + own + "/leases");
        return new Api(client.build(), leases, account.resolve("token"), timeout);
      } catch (IOException | GeneralSecurityException e) {
        throw InvalidInputException.of(
            PATH + ".account", account, "token, ca.crt and namespace of a service account: " + e);
      }
    }

    private static SSLContext trusting(Path authority)
        throws IOException, GeneralSecurityException {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (InputStream in = Files.newInputStream(authority)) {
        for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
          store.setCertificateEntry("ca-" + store.size(), one);
        }
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    }

    URI lease(String name) {
      return URI.create(leases + "/" + name);
    }

    Optional<JsonNode> get(URI url) throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(url).GET(), NOT_FOUND);
    }

    Optional<JsonNode> put(URI url, JsonNode lease) throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(url).PUT(body(lease)), CONFLICT);
    }

    Optional<JsonNode> post(JsonNode lease) throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(leases).POST(body(lease)), CONFLICT);
    }

    private static HttpRequest.BodyPublisher body(JsonNode lease) {
      return HttpRequest.BodyPublishers.ofString(lease.toString(), UTF_8);
    }

    /** The object; empty for the one status that means none. */
    private Optional<JsonNode> send(HttpRequest.Builder request, int none)
        throws IOException, InterruptedException {
      HttpResponse<String> response =
          client.send(
              request
                  .timeout(timeout)
                  .header(
                      "Authorization", "Bearer " + Files.readString(token).strip()) // it changes
                  .header("Content-Type", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      int status = response.statusCode();
      if (status == OK || status == CREATED) {
        return Optional.of(JsonFiles.MAPPER.readTree(response.body()));
      }
      if (status == none) {
        return Optional.empty();
      }
      String words = "status " + status;
      throw status / 100 == 4 && status != 429 ? new Refused(words) : new IOException(words);
    }
  }
}
