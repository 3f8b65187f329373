package plaudit.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.Config;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.node.config.ClusterSettings;
import plaudit.node.config.Role;
import plaudit.node.config.RunConfig;

/** What Kubernetes would say to the manifests, and what it would not: whether they fit together. */
class KubernetesManifestsTest {

  private static final List<Manifest> ALL = Manifest.all();

  @Test
  void everyObjectIsOneThatKubernetesKnows() {
    assertThat(ALL).hasSizeGreaterThan(12);
    assertThat(ALL)
        .allSatisfy(
            manifest ->
                assertThat(KubernetesSchema.faultOf(manifest.object()))
                    .as(manifest.toString())
                    .isEmpty());
  }

  @ParameterizedTest(name = "{0} {1} = {2}")
  @CsvSource({
    "StatefulSet, /spec/replicas, '\"two\"'",
    "StatefulSet, /spec/serviceNames, '\"plaudit-learner\"'",
    "StatefulSet, /spec/template/spec/containers/0/livenesProbe, '{}'",
    "Deployment, /spec/template/spec/containers/0/readinessProbe/httpGet, '{\"path\": \"/\"}'",
    "Deployment, /spec/template/spec/containers/0/resources/requests/memory, '\"much\"'",
    "Deployment, /spec/template/spec/terminationGracePeriodSeconds, '\"90s\"'",
    "Service, /spec/ports, '{\"port\": 80}'",
    "HorizontalPodAutoscaler, /spec/scaleTarget, '{}'",
    "NetworkPolicy, /spec/podSelector/matchLabel, '{}'",
    "PodDisruptionBudget, /kind, '\"PodDisruptionBudgets\"'"
  })
  void aSpoiledObjectIsRefused(String kind, String field, String value) throws Exception {
    JsonNode object =
        ALL.stream()
            .filter(m -> m.kind().equals(kind))
            .findFirst()
            .orElseThrow()
            .object()
            .deepCopy();
    int last = field.lastIndexOf('/');
    ((ObjectNode) object.at(field.substring(0, last)))
        .set(field.substring(last + 1), Manifest.parse(value).get(0));

    assertThat(KubernetesSchema.faultOf(object)).isPresent();
  }

  @Test
  void selectorsFindThePodsOfTheirRole() {
    assertThat(ALL.stream().filter(m -> !m.pod().isMissingNode()))
        .allSatisfy(
            set ->
                assertThat(set.object().at("/spec/selector/matchLabels")).isEqualTo(labels(set)));
    for (Manifest manifest : ALL) {
      JsonNode selector =
          switch (manifest.kind()) {
            case "Service" -> manifest.object().at("/spec/selector");
            case "PodDisruptionBudget" -> manifest.object().at("/spec/selector/matchLabels");
            case "NetworkPolicy" -> manifest.object().at("/spec/podSelector/matchLabels");
            default -> null;
          };
      if (selector != null) {
        assertThat(selected(selector)).as(manifest.toString()).isNotEmpty();
      }
    }
  }

  @Test
  void everyRoleHasPodsAndABudgetForThem() {
    Set<String> roles = Stream.of(Role.values()).map(Role::word).collect(Collectors.toSet());
    assertThat(sets().map(set -> set.container().get("name").asText())).containsAll(roles);
    assertThat(names("PodDisruptionBudget"))
        .isEqualTo(sets().map(Manifest::name).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void portsAreThoseOfTheConfiguration() {
    Config config =
        RunConfig.load(Manifest.KUBERNETES + "/config/plaudit.conf", List.of()).config();
    Config gateway = config("config/gateway.conf");
    Map<String, Integer> ports =
        Map.of(
            "cluster", config.getInt("plaudit.cluster.port"),
            "weights", config.getInt("plaudit.snapshots.port"),
            "telemetry", config.getInt("plaudit.telemetry.port"),
            "http", gateway.getInt("plaudit.gateway.port"));
    sets()
        .forEach(
            set ->
                set.container()
                    .get("ports")
                    .forEach(
                        port ->
                            assertThat(port.get("containerPort").asInt())
                                .as(set + " " + port)
                                .isEqualTo(ports.get(port.get("name").asText()))));
    Set<Integer> open = Set.copyOf(ports.values());
    all("NetworkPolicy")
        .flatMap(policy -> policy.object().at("/spec/ingress").findValues("port").stream())
        .forEach(port -> assertThat(open).contains(port.asInt()));
    for (String host : List.of("plaudit.cluster.bind-host", "plaudit.telemetry.host")) {
      assertThat(config.getString(host)).as(host).isEqualTo("0.0.0.0");
    }
  }

  @Test
  void theSeedNodeIsTheLearnersPodByItsStableName() {
    Config config =
        RunConfig.load(Manifest.KUBERNETES + "/config/plaudit.conf", List.of()).config();
    Manifest learner = all("StatefulSet").findFirst().orElseThrow();
    String service = learner.object().at("/spec/serviceName").asText();

    assertThat(ClusterSettings.from(config).seedNodes())
        .containsExactly(learner.name() + "-0." + service + ":17355");
    assertThat(names("Service")).contains(service);
    assertThat(strings(learner.container().get("args")))
        .contains("cluster.host=$(POD_NAME)." + service);
  }

  @Test
  void everyVolumeMountedIsThereAndSoIsWhatItIsMadeOf() {
    Set<String> configs = new TreeSet<>();
    Manifest.kustomization()
        .get("configMapGenerator")
        .forEach(made -> configs.add(made.get("name").asText()));
    sets()
        .forEach(
            set -> {
              Set<String> volumes = new TreeSet<>();
              set.object()
                  .at("/spec/volumeClaimTemplates")
                  .forEach(v -> volumes.add(v.at("/metadata/name").asText()));
              set.pod()
                  .at("/spec/volumes")
                  .forEach(
                      volume -> {
                        volumes.add(volume.get("name").asText());
                        volume
                            .findValuesAsText("secretName")
                            .forEach(s -> assertThat(names("Secret")).contains(s));
                        if (volume.has("configMap")) {
                          assertThat(configs).contains(volume.at("/configMap/name").asText());
                        }
                      });
              Set<String> mounted = new TreeSet<>();
              set.container().get("volumeMounts").forEach(m -> mounted.add(m.get("name").asText()));
              assertThat(mounted).as(set.toString()).isEqualTo(volumes);
            });
  }

  @Test
  void probesAskAtPortsThatTheContainerNames() {
    sets()
        .forEach(
            set -> {
              List<String> named = set.container().get("ports").findValuesAsText("name");
              for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
                assertThat(named)
                    .as(set + " " + probe)
                    .contains(set.container().at("/" + probe + "/httpGet/port").asText());
              }
            });
  }

  /** Helpers are scaled by hand: nothing that could be measured says how many pay. */
  @Test
  void autoscalersScaleWhatIsThereAndNobodyElseSetsItsCount() {
    Set<String> scaled = new TreeSet<>();
    all("HorizontalPodAutoscaler")
        .forEach(scaler -> scaled.add(scaler.object().at("/spec/scaleTargetRef/name").asText()));
    Set<String> rest = names("Deployment");
    rest.removeAll(scaled);
    assertThat(rest).containsExactly("plaudit-helper");
    assertThat(all("Deployment"))
        .allMatch(set -> set.object().get("spec").has("replicas") == rest.contains(set.name()));
  }

  @Test
  void podsHaveTimeToHandBackAndNoMoreRightsThanTheyNeed() {
    sets()
        .forEach(
            set -> {
              JsonNode spec = set.pod().get("spec");
              assertThat(spec.get("terminationGracePeriodSeconds").asInt())
                  .as(set + ": OnInterrupt and Node wait 60 s")
                  .isGreaterThan(60);
              assertThat(spec.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
              assertThat(set.container().at("/securityContext/readOnlyRootFilesystem").asBoolean())
                  .isTrue();
              assertThat(set.container().at("/resources/requests").size()).isEqualTo(2);
            });
  }

  /** The gateway's own file includes a Secret, which is in place only in a pod. */
  private static Config config(String file) {
    try {
      String text = java.nio.file.Files.readString(Manifest.KUBERNETES.resolve(file));
      return com.typesafe.config.ConfigFactory.parseString(text.replaceAll("(?m)^include.*$", ""));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static JsonNode labels(Manifest set) {
    return set.pod().at("/metadata/labels");
  }

  private static List<Manifest> selected(JsonNode selector) {
    return sets()
        .filter(
            set ->
                selector.properties().stream()
                    .allMatch(e -> e.getValue().equals(labels(set).get(e.getKey()))))
        .toList();
  }

  private static Stream<Manifest> sets() {
    return ALL.stream().filter(manifest -> !manifest.pod().isMissingNode());
  }

  private static Stream<Manifest> all(String kind) {
    return ALL.stream().filter(manifest -> manifest.kind().equals(kind));
  }

  private static Set<String> names(String kind) {
    return all(kind).map(Manifest::name).collect(Collectors.toCollection(TreeSet::new));
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }
}
