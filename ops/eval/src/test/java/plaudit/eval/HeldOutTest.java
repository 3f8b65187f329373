package plaudit.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.eval.HeldOut.Response;
import plaudit.model.Compute;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.TorchNet;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

class HeldOutTest {

  private static final Task TASK =
      new Task(
          Tokens.of(), Tokens.of(), 6, .7f, new TruncationRule(OptionalInt.of(17), 2, -1), true);
  private static final List<Tokens> QUERIES =
      List.of(Tokens.of(4, 5), Tokens.of(6), Tokens.of(7, 8, 9));

  @TempDir private Path dir;

  @Test
  void eachPromptHasItsResponsesOneAfterTheOther() {
    HeldOut heldOut = HeldOut.of(TASK, QUERIES, 3);

    List<Response> responses = with(1, net -> heldOut.write(net, 2));

    assertThat(responses.stream().map(r -> r.rollout().query()))
        .containsExactly(
            QUERIES.get(0),
            QUERIES.get(0),
            QUERIES.get(1),
            QUERIES.get(1),
            QUERIES.get(2),
            QUERIES.get(2));
    assertThat(responses)
        .allSatisfy(
            r -> assertThat(r.cut()).isEqualTo(TASK.truncation().truncate(r.rollout().response())));
  }

  @Test
  void klIsZeroFromTheModelThatWroteAndThatOfTheLogprobsFromAnother() {
    HeldOut heldOut = HeldOut.of(TASK, QUERIES, 3);
    List<Response> responses = with(1, net -> heldOut.write(net, 20));

    assertThat((double) with(1, net -> heldOut.kl(responses, net))).isCloseTo(0, within(1e-4));
    double expected =
        with(
            2,
            other ->
                responses.stream()
                    .map(Response::rollout)
                    .mapToDouble(
                        r -> {
                          double kl = r.logprobs().sum();
                          for (float logprob :
                              other.score(List.of(r.query()), List.of(r.response()), .7f)
                                  .logprobs()[0]) {
                            kl -= logprob;
                          }
                          return kl;
                        })
                    .average()
                    .orElseThrow());
    assertThat(expected).isGreaterThan(.1);
    assertThat((double) with(2, net -> heldOut.kl(responses, net)))
        .isCloseTo(expected, within(1e-4));
  }

  private <T> T with(long seed, Function<TorchNet, T> what) {
    Path model = dir.resolve("model-" + seed);
    if (!model.toFile().exists()) {
      TinyScorerModel.write(model, seed);
    }
    try (TorchNet net = new ReferenceModel(ModelDirectory.open(model)).net(Compute.cpu(1))) {
      return what.apply(net);
    }
  }
}
