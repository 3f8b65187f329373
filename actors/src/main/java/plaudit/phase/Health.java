package plaudit.phase;

import static java.util.stream.Collectors.joining;

import java.util.List;

/**
 * The answer to a supervisor, the same at every port: {@code /healthz} (nothing is wrong that only
 * a restart mends) and {@code /readyz} (it can do its work).
 *
 * @param status of HTTP
 * @param json a JSON object
 */
public record Health(int status, String json) {

  /**
   * Of {@code /healthz}.
   *
   * @param broken in words, what only a restart mends; nothing when all may mend itself
   */
  public static Health alive(List<String> broken) {
    return broken.isEmpty()
        ? new Health(200, "{\"status\":\"up\"}")
        : new Health(503, listed("broken", "broken", broken));
  }

  /**
   * Of {@code /readyz}.
   *
   * @param missing in words; nothing when the work can be done
   */
  public static Health ready(List<String> missing) {
    return missing.isEmpty()
        ? new Health(200, "{\"status\":\"ready\"}")
        : new Health(503, listed("not ready", "missing", missing));
  }

  private static String listed(String status, String name, List<String> sentences) {
    return sentences.stream()
        .map(Health::quoted)
        .collect(joining(",", "{\"status\":\"%s\",\"%s\":[".formatted(status, name), "]}"));
  }

  private static String quoted(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return '"' + line.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
