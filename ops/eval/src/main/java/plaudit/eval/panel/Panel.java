package plaudit.eval.panel;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.labels.Label;
import plaudit.labels.actor.LabelStore;

/**
 * Opens the gateway for one evaluation and waits until everybody has judged. All that is
 * acknowledged is in the directory; closing early loses nothing.
 */
public final class Panel {

  /** The name under which a vendor's key is known. */
  public static final String VENDOR = "panel";

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final int GRACE_SECONDS = 30;
  private static final Labeler OPERATOR = new Labeler("operator", "operator");

  private final PanelDirectory directory;
  private final HumanEvaluation evaluation;
  private final Config config;
  private final Optional<String> key;
  private final CountDownLatch stop = new CountDownLatch(1);

  /**
   * A panel that has not begun.
   *
   * @param config the whole configuration, of which {@code plaudit.gateway} counts
   * @param key of a vendor that may use the API; without one only the page is open
   */
  public Panel(
      PanelDirectory directory, HumanEvaluation evaluation, Config config, Optional<String> key) {
    this.directory = directory;
    this.evaluation = evaluation;
    this.config = config;
    this.key = key;
  }

  /**
   * How it ended.
   *
   * @param complete whether all comparisons are judged
   * @param reason why it ended early, empty if it did not
   * @param labels all answers, in the order of their arrival
   */
  public record Outcome(boolean complete, String reason, List<Label> labels) {
    public Outcome {
      labels = List.copyOf(labels);
    }
  }

  /** Asks for an early end; any thread may. */
  public void stop() {
    stop.countDown();
  }

  /**
   * Puts the evaluation to people and waits.
   *
   * @param opened told the gateway's address
   * @param progress told now and then how many answers there are
   */
  public Outcome run(Consumer<URI> opened, LongConsumer progress) throws InterruptedException {
    GatewaySettings settings = GatewaySettings.from(config);
    if (key.isPresent()) {
      settings = settings.withVendor(VENDOR, key.get());
    }
    settings =
        settings.withStore(
            settings.store().withFile(directory.labels()).withOverlap(evaluation.overlap()));
    try (JdbcLabels labels =
        JdbcLabels.open(settings.store(), InstantSource.system(), new SecureRandom())) {
      labels.ask(evaluation.comparisons());
      if (labels.stopReason().isPresent()) {
        labels.resumeRun(OPERATOR, "the panel was opened again");
      }
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "panel", pekko(config));
      try {
        Gateway gateway = open(system, settings, labels);
        opened.accept(gateway.url());
        Outcome outcome = watch(labels, progress);
        gateway.drain().toCompletableFuture().join();
        return new Outcome(outcome.complete(), outcome.reason(), StoredLabels.read(labels));
      } finally {
        end(system);
      }
    }
  }

  private Outcome watch(JdbcLabels labels, LongConsumer progress) throws InterruptedException {
    List<Label> none = List.of();
    while (true) {
      LabelStore.Status status = labels.status();
      progress.accept(status.lastSequence());
      if (status.open() + status.leased() == 0) {
        return new Outcome(true, "", none);
      }
      Optional<String> stopped = labels.stopReason();
      if (stopped.isPresent()) {
        return new Outcome(false, "a labeler stopped the panel: " + stopped.get(), none);
      }
      if (stop.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Outcome(false, "interrupted", none);
      }
    }
  }

  private static Gateway open(ActorSystem<?> system, GatewaySettings settings, JdbcLabels labels) {
    try {
      return Gateway.start(system, settings, labels, RunView.none()).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static void end(ActorSystem<?> system) throws InterruptedException {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      system.log().warn("the actor system did not end in time", e);
    }
  }

  /** The gateway alone needs no cluster. */
  private static Config pekko(Config settings) {
    return ConfigFactory.parseString("pekko.actor.provider = local")
        .withFallback(ConfigFactory.parseResources("plaudit/pekko.conf"))
        .withFallback(settings)
        .withFallback(ConfigFactory.defaultReference())
        .resolve();
  }
}
