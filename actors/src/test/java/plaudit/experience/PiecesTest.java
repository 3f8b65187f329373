package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import plaudit.experience.LedgerState.Work;
import plaudit.experience.OutstandingWork.Pieces;
import plaudit.tokens.Tokens;

class PiecesTest {

  private static final List<Purpose> PURPOSES = List.of(Purpose.values());

  /** The count kept is the count taken, whatever was put, put again and removed. */
  @Property
  void promptsAreCountedAsTheyAre(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 99) Integer> steps) {
    Pieces works = new Pieces();
    Map<Long, Work> model = new HashMap<>();
    for (int step : steps) {
      long id = step % 7;
      if (step < 40) {
        assertThat(works.remove(id)).isEqualTo(model.remove(id));
      } else {
        Work work = new Work(id, PURPOSES.get(step % 3), prompts(step % 5), 0);
        works.put(work);
        model.put(id, work);
      }
      for (Purpose purpose : Purpose.values()) {
        assertThat(works.prompts(purpose))
            .isEqualTo(
                model.values().stream()
                    .filter(work -> work.purpose() == purpose)
                    .mapToInt(work -> work.prompts().size())
                    .sum());
      }
      assertThat(works.all()).containsExactlyInAnyOrderElementsOf(model.values());
    }
  }

  @Property
  void theFirstIsTheOneThatCameFirst(@ForAll @IntRange(min = 1, max = 20) int count) {
    Pieces works = new Pieces();
    LongStream.range(0, count).forEach(id -> works.put(policy(count - id)));
    works.put(new Work(1000, Purpose.QUESTION, prompts(1), 0));

    assertThat(works.first(Purpose.POLICY)).contains(policy(count));
    assertThat(works.first(Purpose.QUESTION)).map(Work::batchId).contains(1000L);
    assertThat(works.first(Purpose.VALIDATION)).isEmpty();
  }

  private static Work policy(long id) {
    return new Work(id, Purpose.POLICY, prompts(2), 0);
  }

  private static List<Prompt> prompts(int count) {
    return LongStream.rangeClosed(0, count).mapToObj(id -> new Prompt(id, Tokens.of(1))).toList();
  }
}
