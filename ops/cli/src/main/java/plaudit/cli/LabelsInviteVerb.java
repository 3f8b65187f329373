package plaudit.cli;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.Pass;
import plaudit.gateway.http.PublicUrl;
import plaudit.gateway.store.JdbcLabels;
import plaudit.input.InvalidInputException;
import plaudit.node.labels.RunLabels;

/** {@code labels invite}: a link by which one person comes to a run's pages. */
@Command(
    name = "invite",
    description =
        "Print a link by which one person on another machine may use a run's labeling page"
            + " (gateway.page.remote). The run may be running.",
    footer = {
      "",
      "For example, two labelers and an operator who may let a stopped run go on:",
      "  plaudit labels invite anna --run runs/mine",
      "  plaudit labels invite ben --run runs/mine --days 2",
      "  plaudit labels invite otto --run runs/mine --operator"
    })
public final class LabelsInviteVerb extends ResultVerb {

  @Parameters(
      paramLabel = "NAME",
      description = "Who the person is as a labeler: letters, digits, '-' and '_'.")
  private String name;

  @Option(names = "--run", required = true, paramLabel = "DIR", description = "A run's directory.")
  private Path run;

  @Option(
      names = "--operator",
      description = "The person may also clear a stop, steer and invite others.")
  private boolean operator;

  @Option(
      names = "--days",
      defaultValue = "14",
      paramLabel = "N",
      description = "How long the link can be opened (default: ${DEFAULT-VALUE}).")
  private int days;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = {
        "Where people reach the page (default: gateway.page.public-url, or the gateway's own",
        "address)."
      })
  private Optional<URI> url;

  @Override
  public Integer call() {
    if (days < 1 || days > 366) {
      throw InvalidInputException.of("--days", days, "1 to 366");
    }
    GatewaySettings gateway = RunLabels.gateway(run);
    byte[] secret =
        JdbcLabels.secretOf(gateway.store(), Pass.SECRET)
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "run directory", run, "a run whose gateway has started once"));
    Instant end = InstantSource.system().instant().plus(Duration.ofDays(days));
    String link = base(gateway) + "?invite=" + Pass.invitation(name, operator, end).signed(secret);
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("labelerId", name);
    object.put("operator", operator);
    object.put("url", link);
    object.put("expireTime", end.toString());
    print(object, () -> say("%s", link));
    return 0;
  }

  private PublicUrl base(GatewaySettings settings) {
    return url.map(URI::toString)
        .map(PublicUrl::of)
        .or(() -> settings.page().publicUrl())
        .orElseGet(() -> PublicUrl.of(settings.urlAt(settings.port()) + "/"));
  }
}
