package plaudit.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.junit.jupiter.api.Test;

class RouterTest {

  private final Router.Endpoint list = endpoint("GET", "/v1/judgments");
  private final Router.Endpoint judge = endpoint("POST", "/v1/judgments");
  private final Router.Endpoint batch = endpoint("POST", "/v1/judgments:batch");
  private final Router.Endpoint amend = endpoint("POST", "/v1/judgments/{judgmentId}:amend");
  private final Router router = new Router(List.of(list, judge, batch, amend));

  @Test
  void aPathAndAMethodLeadToOneEndpoint() {
    assertThat(router.match("GET", "/v1/judgments"))
        .isEqualTo(new Router.Match.Found(list, Map.of()));
    assertThat(router.match("POST", "/v1/judgments:batch"))
        .isEqualTo(new Router.Match.Found(batch, Map.of()));
    assertThat(router.match("POST", "/v1/judgments/jd_1:amend"))
        .isEqualTo(new Router.Match.Found(amend, Map.of("judgmentId", "jd_1")));
  }

  @Test
  void anotherMethodIsToldWhichAreAllowed() {
    assertThat(router.match("PUT", "/v1/judgments"))
        .isEqualTo(new Router.Match.WrongMethod(Set.of("GET", "POST")));
  }

  @Test
  void anythingElseIsNothing() {
    for (String path :
        List.of(
            "/",
            "/v1/judgments/",
            "/v1/judgments/a/b:amend",
            "/v1/judgments/%2e%2e:amend",
            "/v1/judgments/:amend",
            "/v1/judgments/" + "x".repeat(81) + ":amend",
            "//v1/judgments")) {
      assertThat(router.match("POST", path)).isEqualTo(new Router.Match.Nothing());
    }
  }

  private static Router.Endpoint endpoint(String method, String template) {
    return new Router.Endpoint(
        method,
        template,
        Router.Access.CALLER,
        0,
        call -> CompletableFuture.completedFuture(HttpResponse.create()));
  }
}
