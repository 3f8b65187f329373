package plaudit.parallel.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.optim.MicroBatch;
import plaudit.parallel.ExampleTargets;
import plaudit.parallel.GradientCodec;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.GradientWorkers.Work;
import plaudit.parallel.actor.HelperProtocol.Command;
import plaudit.parallel.actor.HelperProtocol.Computed;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.parallel.actor.HelperProtocol.Reply;
import plaudit.policy.GradientAccumulator;
import plaudit.policy.LearnerSettings;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.PolicySettings;
import plaudit.policy.Toy;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.TransferFiles;

/** A helper and a learner's view of it in one actor system, which has a receptionist too. */
class GradientHelperTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ActorTestKit kit = ActorTestKit.create();
  private final PolicySettings settings = ExampleTargets.settings();

  @TempDir private Path directory;

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void aLearnerFindsTheHelperAsksItAndHearsWhenItIsGone() throws Exception {
    Helpers helpers = helpers();
    assertThat(helpers.present()).isEmpty();
    ActorRef<Command> helper = kit.spawn(helper(new CountDownLatch(0)));
    TestProbe<Object> clock = kit.createTestProbe();
    clock.awaitAssert(PATIENCE, () -> assertThat(helpers.present()).hasSize(1));
    String name = helpers.present().get(0);

    Gradient gradient = helpers.ask(name, work("ppo")).get(1, TimeUnit.MINUTES);
    assertThat(Path.of(gradient.file().url())).isRegularFile();
    assertThat(gradient.stats().means()).containsKey("loss/policy");
    assertThatThrownBy(() -> helpers.ask(name, work("other settings")).join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("settings of a helper");

    kit.stop(helper);
    clock.awaitAssert(PATIENCE, () -> assertThat(helpers.present()).hasSize(0));
    assertThatThrownBy(() -> helpers.ask(name, work("ppo")).join())
        .hasMessageContaining("it is gone");
  }

  /** The gate holds the compute thread, so that the order is certain. */
  @Test
  void ofQuestionsThatWaitTheNewestIsAnswered() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    ActorRef<Command> helper = kit.spawn(helper(gate));
    TestProbe<Reply> learner = kit.createTestProbe(Reply.class);
    for (long id = 1; id <= 3; id++) {
      helper.tell(new Differentiate(id, work("ppo"), learner.getRef()));
    }
    assertThat(learner.expectMessageClass(Declined.class, PATIENCE).id()).isEqualTo(1);
    assertThat(learner.expectMessageClass(Declined.class, PATIENCE).id()).isEqualTo(2);
    gate.countDown();
    assertThat(learner.expectMessageClass(Computed.class, PATIENCE).id()).isEqualTo(3);
  }

  @Test
  void aQuestionThatTheLearnerGivesUpIsForgotten() throws Exception {
    Helpers helpers = helpers();
    TestProbe<Command> silent = kit.createTestProbe(Command.class);
    kit.system().receptionist().tell(Receptionist.register(HelperProtocol.KEY, silent.getRef()));
    silent.awaitAssert(PATIENCE, () -> assertThat(helpers.present()).hasSize(1));
    String name = helpers.present().get(0);

    CompletableFuture<Gradient> given = helpers.ask(name, work("ppo"));
    CompletableFuture<Gradient> other = helpers.ask(name, work("ppo"));
    assertThat(helpers.unanswered()).isEqualTo(2);
    given.cancel(false);
    assertThat(helpers.unanswered()).isEqualTo(1);

    Differentiate first = silent.expectMessageClass(Differentiate.class, PATIENCE);
    first.replyTo().tell(new Declined(first.id(), "too late"));
    Differentiate second = silent.expectMessageClass(Differentiate.class, PATIENCE);
    second.replyTo().tell(new Declined(second.id(), "another reason"));
    assertThatThrownBy(() -> other.get(1, TimeUnit.MINUTES)).hasMessageContaining("another reason");
    assertThat(helpers.unanswered()).isZero();
  }

  private Helpers helpers() throws Exception {
    CompletableFuture<Helpers> made = new CompletableFuture<>();
    kit.spawn(
        Behaviors.setup(
            ctx -> {
              made.complete(Helpers.of(ctx));
              return Behaviors.empty();
            }));
    return made.get(1, TimeUnit.MINUTES);
  }

  private org.apache.pekko.actor.typed.Behavior<Command> helper(CountDownLatch gate) {
    return GradientHelper.create(
        () -> {
          try {
            gate.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return gradients();
        },
        SnapshotFiles.in(directory.resolve("helper")).transfers(),
        new GradientHelper.Meters(new SimpleMeterRegistry()));
  }

  private GradientAccumulator gradients() {
    return GradientAccumulator.withoutOptimizer(
        settings,
        ExampleTargets.TASK,
        Toy.CONFIG,
        Toy.random(2),
        new LearnerSettings(Toy.CPU, MicroBatch.ofRows(8)));
  }

  private Work work(String terms) {
    MinibatchTargets targets =
        ExampleTargets.of(settings, ExampleTargets.batch(directory.resolve("game")));
    TransferFiles files = SnapshotFiles.in(directory.resolve("learner")).transfers();
    try (GradientAccumulator own = gradients()) {
      return new Work(
          files.write("weights-1", out -> GradientCodec.writeWeights(own.nets(), out)),
          files.write("targets-1", out -> GradientCodec.writeTargets(targets, out)),
          targets.weight(),
          ExampleTargets.BETA,
          -1,
          List.of("ppo").contains(terms) ? own.terms() : terms);
    }
  }
}
