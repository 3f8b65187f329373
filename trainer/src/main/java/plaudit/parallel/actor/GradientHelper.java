package plaudit.parallel.actor;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.function.Supplier;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.parallel.GradientWorkers.Gradient;
import plaudit.parallel.HelperEngine;
import plaudit.parallel.actor.HelperProtocol.Command;
import plaudit.parallel.actor.HelperProtocol.Computed;
import plaudit.parallel.actor.HelperProtocol.Declined;
import plaudit.parallel.actor.HelperProtocol.Differentiate;
import plaudit.policy.GradientAccumulator;
import plaudit.snapshots.TransferFiles;

/**
 * Computes gradients for a learner somewhere in the cluster; has no state worth saving. It
 * registers with the receptionist as soon as its networks are loaded, computes on a thread of its
 * own, and of the questions that wait answers the newest.
 */
public final class GradientHelper extends AbstractBehavior<Command> {

  private record Ready(@Nullable HelperEngine engine, @Nullable Throwable failure)
      implements Command, NoSerializationVerificationNeeded {}

  private record Done(
      Differentiate question, @Nullable Gradient gradient, @Nullable Throwable failure)
      implements Command, NoSerializationVerificationNeeded {}

  private final ComputeThread thread = new ComputeThread("gradient-helper");
  private final Meters meters;
  private @Nullable HelperEngine engine;
  private @Nullable Differentiate waiting;
  private boolean computing;

  /** Meters of the helpers of one node. */
  public static final class Meters {

    private final Timer computing;

    /** Registers the meters. */
    public Meters(MeterRegistry registry) {
      this.computing =
          Timer.builder("plaudit.helper.computing")
              .description(
                  "Time to fetch weights and rows, and to compute and write their gradient")
              .register(registry);
    }
  }

  /**
   * A helper.
   *
   * @param gradients makes its networks, on the compute thread
   * @param files served to the learner
   */
  public static Behavior<Command> create(
      Supplier<GradientAccumulator> gradients, TransferFiles files, Meters meters) {
    return Behaviors.setup(ctx -> new GradientHelper(ctx, gradients, files, meters));
  }

  private GradientHelper(
      ActorContext<Command> ctx,
      Supplier<GradientAccumulator> gradients,
      TransferFiles files,
      Meters meters) {
    super(ctx);
    this.meters = meters;
    ctx.pipeToSelf(
        thread.run(() -> new HelperEngine(gradients.get(), files)),
        (made, e) -> new Ready(made, e));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ready.class, this::onReady)
        .onMessage(Differentiate.class, this::onDifferentiate)
        .onMessage(Done.class, this::onDone)
        .onSignal(PreRestart.class, signal -> onPostStop())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onReady(Ready message) {
    if (message.engine() == null) {
      throw new IllegalStateException("the helper cannot start", message.failure());
    }
    engine = message.engine();
    getContext()
        .getSystem()
        .receptionist()
        .tell(Receptionist.register(HelperProtocol.KEY, getContext().getSelf()));
    return next(); // a learner that knows its previous incarnation may have asked already
  }

  private Behavior<Command> onDifferentiate(Differentiate message) {
    if (waiting != null) {
      waiting.replyTo().tell(new Declined(waiting.id(), "a newer question came"));
    }
    waiting = message;
    return next();
  }

  private Behavior<Command> next() {
    if (computing || waiting == null || engine == null) {
      return this;
    }
    Differentiate question = waiting;
    HelperEngine idle = engine;
    waiting = null;
    computing = true;
    getContext()
        .pipeToSelf(
            thread.run(
                () -> meters.computing.record(() -> idle.compute(question.id(), question.work()))),
            (gradient, failure) -> new Done(question, gradient, failure));
    return this;
  }

  private Behavior<Command> onDone(Done message) {
    computing = false;
    Differentiate question = message.question();
    if (message.gradient() != null) {
      question.replyTo().tell(new Computed(question.id(), message.gradient()));
    } else {
      getContext().getLog().warn("no gradient for [{}]", question.id(), message.failure());
      question.replyTo().tell(new Declined(question.id(), reason(message.failure())));
    }
    return next();
  }

  private Behavior<Command> onPostStop() {
    thread.closeAfter(
        () -> {
          if (engine != null) {
            engine.close();
          }
        });
    return this;
  }

  private static String reason(@Nullable Throwable failure) {
    Throwable cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause);
  }
}
