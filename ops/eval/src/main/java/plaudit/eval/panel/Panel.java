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
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import plaudit.gateway.Gateway;
import plaudit.gateway.http.GatewaySettings;
import plaudit.gateway.http.RunView;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.Labeler;
import plaudit.labels.Label;

/**
 * Opens the gateway for one evaluation and waits until all is judged. All that is acknowledged is
 * in the directory; closing early loses nothing.
 */
public final class Panel {

  /** The name under which a vendor's key is known. */
  public static final String VENDOR = "panel";

  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final int GRACE_SECONDS = 30;
  private static final Labeler OPERATOR = new Labeler("operator", "operator");

  private final GatewaySettings settings;
  private final HumanEvaluation evaluation;
  private final Config config;
  private final boolean ofRun;
  private final RunView view;
  private final CountDownLatch stop = new CountDownLatch(1);

  private Panel(
      GatewaySettings settings,
      HumanEvaluation evaluation,
      Config config,
      boolean ofRun,
      RunView view) {
    this.settings = settings.withStore(settings.store().withOverlap(evaluation.overlap()));
    this.evaluation = evaluation;
    this.config = config;
    this.ofRun = ofRun;
    this.view = view;
  }

  /**
   * A panel that has not begun, with a store of its own.
   *
   * @param config the whole configuration, of which {@code plaudit.gateway} counts
   * @param key of a vendor that may use the API; without one only the page is open
   */
  public Panel(
      PanelDirectory directory, HumanEvaluation evaluation, Config config, Optional<String> key) {
    this(settings(directory, config, key), evaluation, config, false, RunView.none());
  }

  /**
   * One at the gateway of a run whose loops have ended: its people judge, and its store keeps what
   * they say.
   *
   * @param settings of the run's gateway, with its store and vendors
   * @param evaluation with ids that begin with {@link plaudit.labels.Comparison#EVALUATION}
   * @param view what the console shows
   */
  public static Panel ofRun(
      GatewaySettings settings, HumanEvaluation evaluation, Config config, RunView view) {
    return new Panel(settings, evaluation, config, true, view);
  }

  private static GatewaySettings settings(
      PanelDirectory directory, Config config, Optional<String> key) {
    GatewaySettings settings = GatewaySettings.from(config);
    if (key.isPresent()) {
      settings = settings.withVendor(VENDOR, key.get());
    }
    return settings.withStore(settings.store().withFile(directory.labels()));
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
    return run(opened, progress, () -> "");
  }

  /**
   * Puts the evaluation to people and waits.
   *
   * @param opened told the gateway's address
   * @param progress told now and then how many answers there are
   * @param over asked now and then why to end before all is judged; empty goes on
   */
  public Outcome run(Consumer<URI> opened, LongConsumer progress, Supplier<String> over)
      throws InterruptedException {
    try (JdbcLabels labels = store()) {
      labels.ask(evaluation.comparisons());
      if (!ofRun && labels.stopReason().isPresent()) {
        labels.resumeRun(OPERATOR, "the panel was opened again");
      }
      ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "panel", pekko(config));
      try {
        Gateway gateway = open(system, labels);
        opened.accept(gateway.url());
        Outcome outcome = watch(labels, progress, over);
        gateway.drain().toCompletableFuture().join();
        return new Outcome(
            outcome.complete(), outcome.reason(), evaluation.own(StoredLabels.read(labels)));
      } finally {
        end(system);
      }
    }
  }

  private JdbcLabels store() {
    return ofRun
        ? JdbcLabels.openForEvaluation(settings.store(), InstantSource.system(), new SecureRandom())
        : JdbcLabels.open(settings.store(), InstantSource.system(), new SecureRandom());
  }

  private Outcome watch(JdbcLabels labels, LongConsumer progress, Supplier<String> over)
      throws InterruptedException {
    List<Label> none = List.of();
    while (true) {
      JdbcLabels.Answered answered = labels.answered(evaluation.prefix());
      progress.accept(answered.answers());
      if (answered.open() == 0) {
        return new Outcome(true, "", none);
      }
      Optional<String> stopped = labels.stopReason();
      if (stopped.isPresent()) {
        return new Outcome(false, "a labeler stopped the panel: " + stopped.get(), none);
      }
      String reason = over.get();
      if (!reason.isEmpty()) {
        return new Outcome(false, reason, none);
      }
      if (stop.await(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        return new Outcome(false, "interrupted", none);
      }
    }
  }

  private Gateway open(ActorSystem<?> system, JdbcLabels labels) {
    try {
      return Gateway.start(system, settings, labels, view).toCompletableFuture().join();
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
