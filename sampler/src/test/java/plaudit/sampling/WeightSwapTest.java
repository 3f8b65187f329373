package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.model.TinySnapshots;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation.WeightSwap;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;

/** Responses that newer versions go on with. */
class WeightSwapTest {

  private static final int LENGTH = 8;
  private static final List<Prompt> PROMPTS =
      List.of(new Prompt(4, Tokens.of(1, 2)), new Prompt(7, Tokens.of(3)));

  /** One for all tries: it is the weights that matter. */
  private static final TorchNet NET = TinySnapshots.policyNet(1);

  @AfterContainer
  static void close() {
    NET.close();
  }

  /** {@code versions[t]} is the newest there is before token t; most responses end early. */
  @Property(tries = 30, edgeCases = EdgeCasesMode.NONE)
  void eachTokenIsStampedByItsWriterUnderAnySchedule(@ForAll("schedules") long[] versions) {
    Generation generation = generation(new TruncationRule(List.of(3), 0, -1, true));
    List<Rollout> rollouts;
    try (TorchNet net = TinySnapshots.policyNet(versions[0])) {
      rollouts = generation.rollouts(net, versions[0], PROMPTS, 3, swapping(net, versions.clone()));
    }
    assertThat(rollouts).hasSize(6);
    for (Rollout rollout : rollouts) {
      for (int t = 0; t < rollout.response().length(); t++) {
        assertThat(rollout.versions().at(t)).isEqualTo(versions[t]);
      }
      assertThat(rollout.versions().goesWith(rollouts.get(0).versions())).isTrue();
    }
  }

  @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
  void theSameScheduleWritesTheSame(@ForAll("schedules") long[] versions) {
    assertThat(write(versions)).isEqualTo(write(versions));
  }

  /** The numbers of a token are its writer's: the first version's until another takes over. */
  @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
  void untilAVersionTakesOverNothingIsDifferent(@ForAll("schedules") long[] versions) {
    List<Rollout> swapped = write(versions);
    long[] first = new long[LENGTH];
    Arrays.fill(first, versions[0]);
    List<Rollout> plain = write(first);
    int same = (int) Arrays.stream(versions).filter(v -> v == versions[0]).count();
    for (int i = 0; i < plain.size(); i++) {
      assertThat(swapped.get(i).response().slice(0, same))
          .isEqualTo(plain.get(i).response().slice(0, same));
      for (int t = 0; t < same; t++) {
        assertThat(swapped.get(i).logprobs().get(t)).isEqualTo(plain.get(i).logprobs().get(t));
      }
    }
  }

  /** Seed, prompt, version at the start, index and position: who takes over does not matter. */
  @Example
  void theRandomnessIsThatOfTheVersionAtTheStart() {
    Generation generation = generation(TruncationRule.NONE);
    NET.swap(TinySnapshots.policy(2));
    List<Rollout> plain = generation.rollouts(NET, 2, PROMPTS, 2);
    List<Rollout> renamed = generation.rollouts(NET, 2, PROMPTS, 2, (decoding, v) -> 9);
    assertThat(renamed).extracting(Rollout::response).isEqualTo(responses(plain));
    assertThat(renamed).extracting(Rollout::policyVersion).containsOnly(2L);
    assertThat(renamed).extracting(Rollout::newestVersion).containsOnly(9L);
  }

  @Provide
  Arbitrary<long[]> schedules() {
    return Arbitraries.longs()
        .between(1, 4)
        .array(long[].class)
        .ofSize(LENGTH)
        .map(
            versions -> {
              Arrays.sort(versions);
              return versions;
            });
  }

  private static List<Rollout> write(long[] versions) {
    NET.swap(TinySnapshots.policy(versions[0]));
    return generation(TruncationRule.NONE)
        .rollouts(NET, versions[0], PROMPTS, 2, swapping(NET, versions));
  }

  /** Called before each token but the first. */
  private static WeightSwap swapping(TorchNet net, long[] versions) {
    int[] t = new int[1];
    return (decoding, version) -> {
      long next = versions[++t[0]];
      if (next != version) {
        net.swap(TinySnapshots.policy(next));
      }
      return next;
    };
  }

  private static Generation generation(TruncationRule rule) {
    return new Generation(new Task(Tokens.of(), Tokens.of(), LENGTH, 0.7f, rule, true), 3);
  }

  private static List<Tokens> responses(List<Rollout> rollouts) {
    return rollouts.stream().map(Rollout::response).toList();
  }
}
