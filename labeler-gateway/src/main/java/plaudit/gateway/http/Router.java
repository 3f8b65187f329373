package plaudit.gateway.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** The table of everything that is served: method, path template, who may, what is done. */
final class Router {

  /** Who may use an endpoint. */
  enum Access {
    /** Every caller. */
    OPEN,
    /** A vendor's key, an operator's key or a page's session. */
    KNOWN,
    /** A vendor's key or a page's session. */
    CALLER,
    /** A page's session. */
    PERSON,
    /**
     * An operator's key, or the session of an operator or of a person at this machine without a
     * proxy.
     */
    OPERATOR
  }

  /** What is done; may throw {@link Problem.Refusal}. */
  interface Handler {
    CompletionStage<HttpResponse> handle(Call call);
  }

  /**
   * One row of the table.
   *
   * @param template a path with {@code {name}} for an opaque part
   * @param maxBody bytes of the body, 0 where none is read
   */
  record Endpoint(String method, String template, Access access, int maxBody, Handler handler) {

    /** Something is read, by vendors and people. */
    static Endpoint get(String template, Handler handler) {
      return new Endpoint("GET", template, Access.CALLER, 0, handler);
    }

    /** Something is done, by vendors and people. */
    static Endpoint post(String template, int maxBody, Handler handler) {
      return new Endpoint("POST", template, Access.CALLER, maxBody, handler);
    }
  }

  /** What a path leads to. */
  sealed interface Match {
    record Found(Endpoint endpoint, Map<String, String> path) implements Match {}

    record WrongMethod(Set<String> allowed) implements Match {}

    record Nothing() implements Match {}
  }

  private record Row(Pattern pattern, List<String> names, Endpoint endpoint) {}

  private static final Pattern NAME = Pattern.compile("\\{([a-zA-Z]+)}");

  private final List<Row> rows = new ArrayList<>();

  Router(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      Matcher matcher = NAME.matcher(endpoint.template());
      StringBuilder pattern = new StringBuilder();
      List<String> names = new ArrayList<>();
      int from = 0;
      while (matcher.find()) {
        pattern.append(Pattern.quote(endpoint.template().substring(from, matcher.start())));
        pattern.append("([A-Za-z0-9._-]{1,80})");
        names.add(matcher.group(1));
        from = matcher.end();
      }
      pattern.append(Pattern.quote(endpoint.template().substring(from)));
      rows.add(new Row(Pattern.compile(pattern.toString()), names, endpoint));
    }
  }

  /** Finds the endpoint of a request. */
  Match match(String method, String path) {
    Set<String> allowed = new TreeSet<>();
    for (Row row : rows) {
      Matcher matcher = row.pattern.matcher(path);
      if (matcher.matches()) {
        if (row.endpoint.method().equals(method)) {
          Map<String, String> values = new HashMap<>();
          for (int i = 0; i < row.names.size(); i++) {
            values.put(row.names.get(i), matcher.group(i + 1));
          }
          return new Match.Found(row.endpoint, Map.copyOf(values));
        }
        allowed.add(row.endpoint.method());
      }
    }
    return allowed.isEmpty() ? new Match.Nothing() : new Match.WrongMethod(allowed);
  }

  /** The whole table. */
  List<Endpoint> endpoints() {
    return rows.stream().map(Row::endpoint).toList();
  }
}
