package plaudit.eval.report;

import static plaudit.eval.report.Html.escape;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;

/** One self-contained page: its policy forbids scripts and requests. */
final class HtmlPage {

  private static final String STYLE = resource("report.css");

  private HtmlPage() {}

  /**
   * The page.
   *
   * @param brand what kind of page it is
   * @param body HTML, all that came from outside escaped
   */
  static String of(String brand, String title, String subtitle, String body) {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <header>
        <p class="brand">%s</p>
        <h1>%s</h1>
        <p class="subtitle">%s</p>
        </header>
        %s
        </main>
        </body>
        </html>
        """
        .formatted(escape(title), STYLE, escape(brand), escape(title), escape(subtitle), body);
  }

  /** Writes {@code html} to {@code file}, whole or not at all. */
  static void write(String html, Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = Objects.requireNonNull(absolute.getParent(), "a file has a folder");
    Files.createDirectories(folder);
    Path partial = Files.createTempFile(folder, "report", ".part");
    try {
      Files.writeString(partial, html);
      Files.move(partial, absolute, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
