package plaudit.lab.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Counts the messages of an actor and the processor time that they take. */
@SuppressWarnings("NotJavadoc") // Error Prone misreads a class that extends a Scala one
final class BusyTime {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final LongAdder messages = new LongAdder();
  private final LongAdder nanos = new LongAdder();

  /** The same behavior, watched. */
  <T> Behavior<T> watch(Class<T> messageType, Behavior<T> behavior) {
    return Behaviors.intercept(() -> new Watch<>(messageType), behavior);
  }

  long messages() {
    return messages.sum();
  }

  double seconds() {
    return nanos.sum() / 1e9;
  }

  private final class Watch<T> extends BehaviorInterceptor<T, T> {

    Watch(Class<T> messageType) {
      super(messageType);
    }

    @Override
    public Behavior<T> aroundReceive(TypedActorContext<T> ctx, T message, ReceiveTarget<T> target) {
      long start = THREADS.getCurrentThreadCpuTime();
      try {
        return target.apply(ctx, message);
      } finally {
        nanos.add(THREADS.getCurrentThreadCpuTime() - start);
        messages.increment();
      }
    }
  }
}
