package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plaudit.endtoend.TinyModel;

/** {@code bin/plaudit} in places and for users that are out of the ordinary. */
class LauncherTest {

  private static final Path LAUNCHER = TinyModel.ROOT.resolve("ops/bin/plaudit").toAbsolutePath();
  private static final Path MODEL = TinyModel.ROOT.resolve("ops/models/novelist").toAbsolutePath();
  private static final String JAVA_HOME = System.getProperty("java.home");
  private static final String UID = "54321";

  @TempDir private Path directory;

  /** What a process printed, and how it ended. */
  private record Said(int exit, String text) {}

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "", "xx_XX.UTF-8"})
  void aTextHasTheSameTokensWithoutALocaleOfUtf8(String lang) throws Exception {
    String text = "Über die Brücke — naïve café";
    Path root = installation("plaudit");
    String[] tokenize = {"tokenize", "--model", MODEL.toString(), "--text", text};

    Said said = run(root, Map.of("LANG", lang), tokenize);

    assertThat(said.exit()).as(said.text()).isZero();
    assertThat(ids(said)).isEqualTo(ids(run(root, Map.of("LC_ALL", "C.UTF-8"), tokenize)));
  }

  /** Without what the engine may warn of before. */
  private static String ids(Said said) {
    return said.text()
        .lines()
        .filter(line -> line.matches("[0-9 ]+"))
        .findFirst()
        .orElseThrow(() -> new AssertionError(said.text()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Prüfstand", "a b", "a;b", "a#b", "a%20b", "a'b", "a$HOME"})
  void itStartsFromAnyDirectory(String name) throws Exception {
    Said said = run(installation(name), Map.of("LANG", "C"), "--version");

    assertThat(said.text()).startsWith("plaudit ");
    assertThat(said.exit()).isZero();
  }

  @Test
  void aColonWouldPartTheClassPath() throws Exception {
    Path root = installation("a:b");

    assertThat(run(root, Map.of(), "--version"))
        .isEqualTo(
            new Said(
                2,
                "plaudit: installed in %s (expected: a path without ':', which parts entries of Java's class path)%n"
                    .formatted(root.toRealPath())));
  }

  @Test
  void itIsFoundBehindALink() throws Exception {
    Path root = installation("plaudit");
    Path link = Files.createSymbolicLink(directory.resolve("link"), root);
    Path command =
        Files.createSymbolicLink(directory.resolve("command"), link.resolve("bin/plaudit"));

    assertThat(
            said(List.of(command.toString(), "--version"), Map.of("JAVA_HOME", JAVA_HOME)).exit())
        .isZero();
  }

  @Test
  void aUserWithoutAHomeUnpacksLibrariesToADirectoryOfItsOwn() throws Exception {
    Path root = installation("plaudit");
    assumeTrue(isRoot(), "only root can be another user");
    openToAll();
    Path java = tellingJava();
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
    List<String> command =
        List.of(
            "setpriv", "--reuid", UID, "--clear-groups", root.resolve("bin/plaudit").toString());
    Map<String, String> environment =
        Map.of("JAVA_HOME", java.toString(), "TMPDIR", temporary.toString());

    Path own = temporary.resolve("plaudit-" + UID);
    assertThat(said(command, environment)).isEqualTo(new Said(0, own + System.lineSeparator()));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own)))
        .isEqualTo("rwx------");
    assertThat(said(command, environment).exit()).as("the second time").isZero();

    Files.delete(own);
    Files.createDirectory(own);
    assertThat(said(command, environment))
        .as("a directory of another user")
        .matches(said -> said.exit() == 2 && said.text().contains("cannot use " + own));
  }

  /** The launcher beside a class path with this test's classes. */
  private Path installation(String name) throws IOException {
    Path root = directory.resolve(name);
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(root.resolve("lib"));
    Files.copy(LAUNCHER, root.resolve("bin/plaudit"));
    Attributes.Name[] names = {Attributes.Name.MANIFEST_VERSION, Attributes.Name.CLASS_PATH};
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(names[0], "1.0");
    manifest
        .getMainAttributes()
        .put(
            names[1],
            Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toUri().toASCIIString())
                .collect(Collectors.joining(" ")));
    try (OutputStream jar = Files.newOutputStream(root.resolve("lib/plaudit.jar"))) {
      new JarOutputStream(jar, manifest).close();
    }
    return root;
  }

  /** A Java that prints where native libraries would be unpacked. */
  private Path tellingJava() throws IOException {
    Path home = directory.resolve("java");
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    Path java =
        Files.writeString(
            home.resolve("bin/java"), "#!/bin/sh\necho \"${DJL_CACHE_DIR:-below the home}\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private void openToAll() throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static boolean isRoot() throws Exception {
    return said(List.of("id", "-u"), Map.of()).text().strip().equals("0");
  }

  private static Said run(Path root, Map<String, String> environment, String... arguments)
      throws Exception {
    Map<String, String> all = new TreeMap<>(environment);
    all.put("JAVA_HOME", JAVA_HOME);
    all.put("HOME", System.getProperty("user.home"));
    List<String> command = new ArrayList<>(List.of(root.resolve("bin/plaudit").toString()));
    command.addAll(List.of(arguments));
    return said(command, all);
  }

  private static Said said(List<String> command, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return new Said(process.waitFor(), text);
  }
}
