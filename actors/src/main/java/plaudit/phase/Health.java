package plaudit.phase;

import static java.util.stream.Collectors.joining;

import java.util.List;

/**
 * The answer to a supervisor, the same at every port: {@code /healthz} (the process answers) and
 * {@code /readyz} (it can do its work).
 *
 * @param status of HTTP
 * @param json a JSON object
 */
public record Health(int status, String json) {

  /** Of {@code /healthz}. */
  public static final Health UP = new Health(200, "{\"status\":\"up\"}");

  /**
   * Of {@code /readyz}.
   *
   * @param missing in words; nothing when the work can be done
   */
  public static Health ready(List<String> missing) {
    return missing.isEmpty()
        ? new Health(200, "{\"status\":\"ready\"}")
        : new Health(
            503,
            missing.stream()
                .map(Health::quoted)
                .collect(joining(",", "{\"status\":\"not ready\",\"missing\":[", "]}")));
  }

  private static String quoted(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return '"' + line.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
