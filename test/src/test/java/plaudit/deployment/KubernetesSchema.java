package plaudit.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Kubernetes' OpenAPI document, as the classes that its Java client generates from it: they know
 * every field, its type and whether it is required, and refuse what they do not know.
 */
final class KubernetesSchema {

  /** What holds of one kind of object; throws if it does not. */
  private interface Rule {
    void check(JsonElement object) throws IOException;
  }

  private record Kind(Class<?> model, Rule rule) {}

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry("v1 Namespace", new Kind(V1Namespace.class, V1Namespace::validateJsonElement)),
          Map.entry("v1 Service", new Kind(V1Service.class, V1Service::validateJsonElement)),
          Map.entry("v1 Secret", new Kind(V1Secret.class, V1Secret::validateJsonElement)),
          Map.entry(
              "apps/v1 StatefulSet",
              new Kind(V1StatefulSet.class, V1StatefulSet::validateJsonElement)),
          Map.entry(
              "apps/v1 Deployment",
              new Kind(V1Deployment.class, V1Deployment::validateJsonElement)),
          Map.entry(
              "autoscaling/v2 HorizontalPodAutoscaler",
              new Kind(
                  V2HorizontalPodAutoscaler.class, V2HorizontalPodAutoscaler::validateJsonElement)),
          Map.entry(
              "policy/v1 PodDisruptionBudget",
              new Kind(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement)),
          Map.entry(
              "networking.k8s.io/v1 NetworkPolicy",
              new Kind(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement)),
          Map.entry(
              "networking.k8s.io/v1 Ingress",
              new Kind(V1Ingress.class, V1Ingress::validateJsonElement)),
          Map.entry(
              "v1 ServiceAccount",
              new Kind(V1ServiceAccount.class, V1ServiceAccount::validateJsonElement)),
          Map.entry(
              "rbac.authorization.k8s.io/v1 Role",
              new Kind(V1Role.class, V1Role::validateJsonElement)),
          Map.entry(
              "rbac.authorization.k8s.io/v1 RoleBinding",
              new Kind(V1RoleBinding.class, V1RoleBinding::validateJsonElement)));

  static {
    new JSON(); // its static part registers how each model is read
  }

  private KubernetesSchema() {}

  /** What is wrong with an object; empty if it is one that Kubernetes knows. */
  static Optional<String> faultOf(JsonNode object) {
    String name = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    Kind kind = KINDS.get(name);
    if (kind == null) {
      return Optional.of("no such kind of object: " + name);
    }
    try {
      JsonElement element = JsonParser.parseString(object.toString());
      kind.rule().check(element);
      Object read = JSON.getGson().fromJson(element, kind.model());
      return read == null ? Optional.of("nothing is there") : Optional.empty();
    } catch (IOException | RuntimeException e) { // each model refuses in its own way
      return Optional.of(e.toString());
    }
  }
}
