package plaudit.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;

class WriterTest {

  private static final List<String> PROMPTS = List.of("the cat", "the dog ran", "sat on");

  @TempDir private Path dir;

  @Test
  void eachPromptGetsItsAnswersWithTheTokensTheyWereWrittenIn() {
    Path model = TinyScorerModel.write(dir.resolve("model"), 1);
    List<Integer> told = new ArrayList<>();

    List<List<Passage>> passages = write(model, writing(5, Optional.empty(), 1), 4, told);

    assertThat(passages).hasSize(3).allSatisfy(own -> assertThat(own).hasSize(4));
    assertThat(passages.get(1))
        .allSatisfy(p -> assertThat(p.answer().query()).isEqualTo("the dog ran"));
    assertThat(passages.get(0))
        .allSatisfy(p -> assertThat(p.written().orElseThrow().response().length()).isEqualTo(5));
    assertThat(told).endsWith(12);
  }

  @Test
  void theSameSeedWritesTheSameAndManyDrawsAreAllDifferentOnes() {
    Path model = TinyScorerModel.write(dir.resolve("model"), 1);
    Writer.Settings writing = writing(12, Optional.empty(), 7);

    List<List<Passage>> once = write(model, writing, 100, new ArrayList<>());

    assertThat(write(model, writing, 100, new ArrayList<>())).isEqualTo(once);
    // 64 rows at a time: what comes after must not repeat what came before.
    assertThat(once.get(0).stream().map(Passage::answer).distinct()).hasSize(100);
  }

  @Test
  void anEndTokenEndsAnAnswer() {
    Path model = TinyScorerModel.write(dir.resolve("model"), 1);

    List<List<Passage>> passages =
        write(model, writing(20, Optional.of("the"), 1), 30, new ArrayList<>());

    assertThat(passages.stream().flatMap(List::stream))
        .anySatisfy(
            p -> {
              assertThat(p.written().orElseThrow().response().length()).isLessThan(20);
              assertThat(p.answer().response()).endsWith("the");
            });
  }

  @Test
  void aPromptThatLeavesNoRoomIsRefused() {
    Path model = TinyScorerModel.write(dir.resolve("model"), 1);

    assertThatThrownBy(() -> write(model, writing(48, Optional.empty(), 1), 1, new ArrayList<>()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("response length: 48");
  }

  private static List<List<Passage>> write(
      Path model, Writer.Settings writing, int draws, List<Integer> told) {
    try (Writer writer = Writer.open(model, writing, Compute.cpu(1))) {
      return writer.write(PROMPTS, draws, told::add);
    }
  }

  private static Writer.Settings writing(int tokens, Optional<String> end, long seed) {
    return new Writer.Settings(16, "{}", tokens, 1, end, 0, seed);
  }
}
