package plaudit.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.endtoend.TinyModel;

/** Everything in {@code ops} that asks Prometheus something. */
final class Dashboards {

  private static final Pattern NAME =
      Pattern.compile("\\b(?:plaudit|jvm|process|disk|executor|hikaricp)_[a-z0-9_]+(?![a-z0-9_(])");

  private Dashboards() {}

  /** The expressions of the dashboard, the alerts and the autoscalers' queues. */
  static List<String> expressions() {
    List<String> all = new ArrayList<>();
    JsonNode dashboard =
        Manifest.documents(TinyModel.ROOT.resolve("ops/dashboards/plaudit.json")).get(0);
    dashboard
        .get("panels")
        .forEach(panel -> panel.get("targets").forEach(t -> all.add(t.get("expr").asText())));
    Manifest.documents(Manifest.DEPLOY.resolve("prometheus-alerts.yaml"))
        .forEach(rules -> all.addAll(rules.findValuesAsText("expr")));
    adapter()
        .forEach(
            rule -> {
              all.add(rule.get("seriesQuery").asText());
              all.add(rule.get("metricsQuery").asText());
            });
    return all;
  }

  /** The names that autoscalers may use, as the adapter gives them. */
  static Set<String> queues() {
    Set<String> names = new TreeSet<>();
    adapter().forEach(rule -> names.add(rule.at("/name/as").asText()));
    return names;
  }

  /** The meters that an expression reads. */
  static Set<String> metersIn(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = NAME.matcher(expression);
    while (matcher.find()) {
      names.add(matcher.group());
    }
    return names;
  }

  private static JsonNode adapter() {
    return Manifest.documents(Manifest.KUBERNETES.resolve("prometheus-adapter.yaml"))
        .get(0)
        .at("/rules/external");
  }
}
