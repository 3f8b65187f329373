package plaudit.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.input.InvalidInputException;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;

class ShardLogTest {

  private static final List<ShardPlan> SHARED =
      List.of(
          ShardPlan.NONE,
          new ShardPlan(
              List.of(
                  new Portion(3, Optional.empty()),
                  new Portion(5, Optional.of(new ComputeShape(4, 2))))));

  @TempDir private Path directory;

  @Property(tries = 200)
  void stepsComeBackEqual(@ForAll("steps") List<ShardPlan> steps, @ForAll long version) {
    assertThat(GradientCodec.fromBytes(version, GradientCodec.toBytes(version, steps)))
        .isEqualTo(steps);
  }

  @Provide
  Arbitrary<List<ShardPlan>> steps() {
    Arbitrary<Integer> rows = Arbitraries.integers().between(1, 1 << 20);
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 600);
    Arbitrary<Portion> helped =
        Combinators.combine(rows, Combinators.combine(few, few).as(ComputeShape::new).optional())
            .as(Portion::new);
    return Combinators.combine(rows, helped.list().ofMaxSize(5))
        .as(
            (own, others) ->
                new ShardPlan(
                    IntStream.rangeClosed(0, others.size())
                        .mapToObj(
                            i -> i == 0 ? new Portion(own, Optional.empty()) : others.get(i - 1))
                        .toList()))
        .injectDuplicates(0.1)
        .optional(0.8)
        .map(plan -> plan.orElse(ShardPlan.NONE))
        .list()
        .ofMaxSize(20);
  }

  @Test
  void anUpdateThatWasSharedIsFoundAgainAndOneThatWasNotIsForgotten() {
    Path made = directory.resolve("not/yet");
    ShardLog.in(made).keep(6, List.of(ShardPlan.NONE, ShardPlan.NONE));
    assertThat(made).doesNotExist();
    ShardLog.in(made).keep(7, SHARED);
    ShardLog.in(made).keep(8, SHARED);
    assertThat(ShardLog.in(made).of(6)).isEmpty();
    assertThat(ShardLog.in(made).of(7)).isEqualTo(SHARED);

    ShardLog.in(made).keep(7, List.of(SHARED.get(1)));
    assertThat(ShardLog.in(made).of(7)).containsExactly(SHARED.get(1));

    ShardLog.in(made).keep(7, List.of(ShardPlan.NONE));
    assertThat(ShardLog.in(made).of(7)).isEmpty();
    assertThat(made.toFile().list()).containsExactly("policy-8.shards");
  }

  @Test
  void whatIsNotOfThatUpdateIsNamed() throws Exception {
    ShardLog updates = ShardLog.in(directory);
    updates.keep(3, SHARED);
    Path file = directory.resolve("policy-3.shards");
    Files.copy(file, directory.resolve("policy-4.shards"));
    assertThatThrownBy(() -> updates.of(4))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll("policy-4.shards", "of version 3");
    Files.write(file, new byte[] {10, 99});
    assertThatThrownBy(() -> updates.of(3))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("policy-3.shards");
  }

  @Test
  void withoutADirectoryNothingIsKept() {
    ShardLog.none().keep(3, SHARED);
    assertThat(ShardLog.none().of(3)).isEmpty();
  }
}
