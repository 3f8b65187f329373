package plaudit.eval.texts;

import java.nio.file.Path;
import java.util.List;
import plaudit.data.PromptFile;

/**
 * A response with the query it answers.
 *
 * @param query what was given
 * @param response what was written
 */
public record QueryResponse(String query, String response) {

  private static final List<String> RESPONSE =
      List.of("response", "completion", "output", "summary", "text");

  /** The lines of a {@code .jsonl} file, each an object with a query and a response. */
  public static List<QueryResponse> read(Path file) {
    List<String> query = PromptFile.KEYS.stream().filter(key -> !RESPONSE.contains(key)).toList();
    return JsonRow.read(file).stream()
        .map(row -> new QueryResponse(row.text(query), row.text(RESPONSE)))
        .toList();
  }
}
