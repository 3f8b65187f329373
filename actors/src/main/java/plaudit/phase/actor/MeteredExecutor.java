package plaudit.phase.actor;

import com.typesafe.config.Config;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.jvm.ExecutorServiceMetrics;
import io.micrometer.core.instrument.search.Search;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;
import org.apache.pekko.dispatch.ForkJoinExecutorConfigurator;
import org.apache.pekko.dispatch.ThreadPoolExecutorConfigurator;

/**
 * The threads of one of Pekko's dispatchers, as its settings say, with meters in Micrometer's
 * global registry: threads, those at work, and tasks that wait ({@code executor.*}, by the
 * dispatcher's name). Pekko makes it where a dispatcher's {@code executor} is this class's name; a
 * {@code thread-pool-executor.fixed-pool-size} makes a pool of that size, otherwise threads share
 * work.
 */
public final class MeteredExecutor extends ExecutorServiceConfigurator {

  private static final String THREAD_POOL = "thread-pool-executor";
  private static final String NAME = "name";

  private final ExecutorServiceConfigurator threads;

  /** Called by Pekko. */
  public MeteredExecutor(Config config, DispatcherPrerequisites prerequisites) {
    super(config, prerequisites);
    Config pool = config.getConfig(THREAD_POOL);
    threads =
        pool.getString("fixed-pool-size").equals("off")
            ? new ForkJoinExecutorConfigurator(
                config.getConfig("fork-join-executor"), prerequisites)
            : new ThreadPoolExecutorConfigurator(pool, prerequisites);
  }

  @Override
  public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory factory) {
    ExecutorServiceFactory made = threads.createExecutorServiceFactory(id, factory);
    return () -> {
      ExecutorService executor = made.createExecutorService();
      bind(Metrics.globalRegistry, id, executor);
      return executor;
    };
  }

  /** In place of the meters of an earlier actor system's. */
  private static void bind(MeterRegistry registry, String id, ExecutorService executor) {
    Search.in(registry)
        .name(name -> name.startsWith("executor."))
        .tag(NAME, id)
        .meters()
        .forEach(registry::remove);
    new ExecutorServiceMetrics(executor, id, List.of()).bindTo(registry);
  }
}
