package plaudit.labeling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.labels.Comparison;
import plaudit.tokens.Tokens;

/** Clients that a generator makes of the served document lease, judge, amend, batch and extend. */
@Tag("slow")
class GeneratedClientsTest {

  private static final String KEY = "a-key-of-more-than-24-characters";
  private static final long PATIENCE_SECONDS = 120;
  private static final String WORKS = "the generated client works";

  /** The generator with all it needs in one file: the profile slow puts it there. */
  private static final Path GENERATOR =
      Path.of(
          System.getProperty(
              "plaudit.openapi-generator", "target/openapi-generator/openapi-generator-cli.jar"));

  @TempDir private Path dir;
  private ActorTestKit actors;
  private JdbcLabels labels;
  private Gateway gateway;

  @BeforeEach
  void open() {
    assumeTrue(
        Files.isRegularFile(GENERATOR),
        GENERATOR + " is not there (ops/bin/verify-slow fetches it): no client is generated");
    Config config =
        ConfigFactory.parseString("plaudit.gateway.port = 0").withFallback(ConfigFactory.load());
    StoreSettings store =
        StoreSettings.from(config)
            .withRepeats(StoreSettings.Repeats.NONE)
            .withFile(dir.resolve("labels"));
    actors = ActorTestKit.create("gateway", config);
    labels = JdbcLabels.open(store, InstantSource.system(), new SplittableRandom(1));
    labels.ask(comparisons(8));
    gateway =
        Gateway.start(
                actors.system(),
                GatewaySettings.from(config).withStore(store).withVendor("acme", KEY),
                labels,
                RunView.none())
            .toCompletableFuture()
            .join();
  }

  @AfterEach
  void shut() {
    if (gateway != null) {
      gateway.drain().toCompletableFuture().join();
      actors.shutdownTestKit();
      labels.close();
    }
  }

  @Test
  void oneInJava() throws Exception {
    Path source =
        generated(
            "java",
            "--library=native",
            "-p",
            "openApiNullable=false,useJakartaEe=true,invokerPackage=plaudit.client,"
                + "apiPackage=plaudit.client.api,modelPackage=plaudit.client.model");
    Path use = dir.resolve("UseGeneratedClient.java");
    Files.write(use, resource("UseGeneratedClient.java.txt"));
    Path classes = Files.createDirectory(dir.resolve("classes"));
    String path = System.getProperty("java.class.path");
    List<String> compile = new ArrayList<>(List.of("-nowarn", "-proc:none", "-cp", path));
    compile.addAll(List.of("-d", classes.toString(), use.toString()));
    try (Stream<Path> files = Files.walk(source.resolve("src/main/java"))) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .map(Path::toString)
          .forEach(compile::add);
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, compile.toArray(String[]::new)))
        .as("javac's exit code")
        .isZero();

    String said =
        run(dir, List.of(java(), "-cp", classes + ":" + path, "UseGeneratedClient", url(), KEY));

    assertThat(said).contains(WORKS);
    assertThat(labels.labelsAfter(0, 10)).hasSize(3);
  }

  @Test
  void oneInPython() throws Exception {
    Optional<String> python = python();
    assumeTrue(
        python.isPresent(),
        "no python3 that imports pydantic 2, urllib3, dateutil and typing_extensions: not tried");
    Path source = generated("python", "-p", "packageName=plaudit_api");
    Path use = source.resolve("use_generated_client.py");
    Files.write(use, resource("use_generated_client.py"));

    String said = run(source, List.of(python.get(), "-B", use.toString(), url(), KEY));

    assertThat(said).contains(WORKS);
    assertThat(labels.labelsAfter(0, 10)).hasSize(3);
  }

  /** Runs the generator on the document as the gateway serves it. */
  private Path generated(String language, String... options) throws Exception {
    Path target = dir.resolve(language);
    List<String> command = new ArrayList<>(List.of(java(), "-Xmx512m", "-jar"));
    command.addAll(List.of(GENERATOR.toAbsolutePath().toString(), "generate", "-g", language));
    command.addAll(List.of("-i", url() + "/openapi.json", "-o", target.toString()));
    command.addAll(List.of(options));
    run(dir, command);
    return target;
  }

  private String run(Path where, List<String> command) throws IOException, InterruptedException {
    Path log = Files.createTempFile(dir, "child", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String said = Files.readString(log, StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  /**
   * The first Python that has what a generated client needs: PLAUDIT_PYTHON, or that on the path.
   */
  private static Optional<String> python() throws InterruptedException {
    String needed =
        "import urllib3, dateutil, typing_extensions, pydantic; pydantic.field_validator";
    String first = Optional.ofNullable(System.getenv("PLAUDIT_PYTHON")).orElse("python3");
    for (String program : List.of(first, "python3", "/usr/bin/python3")) {
      try {
        if (new ProcessBuilder(program, "-c", needed).start().waitFor() == 0) {
          return Optional.of(program);
        }
      } catch (IOException e) {
        // There is no such program: the next one is tried.
      }
    }
    return Optional.empty();
  }

  private byte[] resource(String name) throws IOException {
    try (InputStream in = GeneratedClientsTest.class.getResourceAsStream("/clients/" + name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  private String url() {
    return gateway.url().toString();
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static List<Comparison> comparisons(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Comparison(
                    "cmp-" + i,
                    Tokens.of(1, i),
                    "It was",
                    List.of(
                        new Comparison.Sample(Tokens.of(i, 1), "good", 0),
                        new Comparison.Sample(Tokens.of(i, 2), "bad", 0))))
        .toList();
  }
}
