package plaudit.sampling.actor;

import java.time.Duration;
import java.time.InstantSource;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;
import plaudit.compute.ComputeThread;
import plaudit.sampling.Candidate;
import plaudit.sampling.InFlight;
import plaudit.sampling.PendingWeights;
import plaudit.sampling.PolicyLoader;
import plaudit.sampling.PolicyVersionTracker;
import plaudit.sampling.PolicyVersionTracker.News;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;

/**
 * Follows the policy for a sampler: hears from the registry of versions, fetches, reads and checks
 * them on a thread of its own, and tells the registry which one is sampled with. What is next is
 * {@link PolicyVersionTracker}'s to say; what passed waits in a {@link PendingWeights}.
 *
 * <p>A part of the sampler: only its messages may call.
 */
final class PolicyFollower implements AutoCloseable {

  /** What a follower hears, by way of its sampler. */
  sealed interface Message extends Sampler.Command {}

  /** The registry has said something. */
  record Published(Snapshot snapshot) implements Message {}

  /** A file is here, or not. */
  record Fetched(News news, @Nullable Throwable failure) implements Message {}

  /**
   * A version is read and checked, or could not be read.
   *
   * @param gap its largest difference from the learner's log-probabilities, in nats
   */
  record Loaded(Snapshot snapshot, double gap, @Nullable Throwable failure) implements Message {}

  private final ActorContext<Sampler.Command> ctx;
  private final SamplerSettings settings;
  private final String name;
  private final SnapshotFiles files;
  private final PolicyLoader loader;
  private final ActorRef<SnapshotProtocol.Command> registry;
  private final InstantSource clock;
  private final SamplerMeters meters;
  private final ComputeThread thread;
  private final ActorRef<Snapshot> published;
  private final PolicyVersionTracker pursuit = new PolicyVersionTracker();

  /**
   * A follower that has heard nothing yet, and begins to follow.
   *
   * @param name the sampler's
   * @param loader is closed with the follower
   */
  PolicyFollower(
      ActorContext<Sampler.Command> ctx,
      SamplerSettings settings,
      String name,
      SnapshotFiles files,
      PolicyLoader loader,
      ActorRef<SnapshotProtocol.Command> registry,
      InstantSource clock,
      SamplerMeters meters) {
    this.ctx = ctx;
    this.settings = settings;
    this.name = name;
    this.files = files;
    this.loader = loader;
    this.registry = registry;
    this.clock = clock;
    this.meters = meters;
    this.thread = new ComputeThread("fetch-" + name);
    this.published = ctx.messageAdapter(Snapshot.class, Published::new);
    follow();
  }

  /** The file of a newer version is fetched as soon as there is room for it. */
  void onPublished(Published message) {
    pursuit.heard(message.snapshot(), clock.instant());
    fetch();
  }

  /** Whether the file is here; else it is fetched at the next occasion: when the timer fires. */
  boolean onFetched(Fetched message) {
    if (message.failure() != null) {
      pursuit.notFetched();
      long version = message.news().snapshot().version();
      ctx.getLog().warn("policy [{}] could not be fetched", version, message.failure());
      return false;
    }
    pursuit.fetched(message.news());
    return true;
  }

  /** A version that is the learner's waits to take over by now; another one is not served. */
  void onLoaded(Loaded message) {
    long version = message.snapshot().version();
    if (message.failure() != null) {
      pursuit.unusable();
      ctx.getLog().warn("policy [{}] could not be loaded", version, message.failure());
      return;
    }
    pursuit.loaded();
    meters.gap.record(message.gap());
    if (message.gap() > settings.gapAlarm()) {
      pursuit.unusable();
      meters.refused.increment();
      ctx.getLog()
          .error(
              "policy [{}] is not served: log-probabilities differ from the learner's by [{}] nats"
                  + " (expected: <= {})",
              version,
              message.gap(),
              settings.gapAlarm());
    }
  }

  /** Fetches and loads whatever is due. */
  void go() {
    fetch();
    load();
  }

  /** Asks once more for versions, and gives those that could not be used another chance. */
  void again() {
    pursuit.again();
    follow();
  }

  /** A version has taken over between two batches. */
  void tookOver(Candidate version) {
    pursuit.tookOver(version.inFlight());
  }

  /** A version is sampled with from now on. */
  void uses(Candidate version) {
    meters.version.set(version.version());
    meters.loading.record(Duration.between(version.heard(), clock.instant()));
    registry.tell(new SnapshotProtocol.Applied(Model.POLICY, version.version(), name));
  }

  /**
   * Whether nothing is to be begun: a version is loaded, which takes a moment, and may not take
   * over in the middle of a batch.
   */
  boolean holdsUp() {
    return pursuit.isLoading() && !mayTakeOverInFlight();
  }

  boolean isFetching() {
    return pursuit.isFetching();
  }

  boolean isLoading() {
    return pursuit.isLoading();
  }

  @Override
  public void close() {
    thread.closeAfter(loader::close);
  }

  /** To be repeated: the question may have got lost, or the registry with its node. */
  private void follow() {
    registry.tell(new SnapshotProtocol.Follow(Model.POLICY, published));
  }

  private boolean mayTakeOverInFlight() {
    return settings.inFlight() != InFlight.OFF && !pursuit.wentBack();
  }

  private void fetch() {
    pursuit
        .fetch()
        .ifPresent(
            target ->
                ctx.pipeToSelf(
                    thread.run(() -> files.fetch(target.snapshot())),
                    (file, failure) -> new Fetched(target, failure)));
  }

  private void load() {
    boolean inFlight = mayTakeOverInFlight();
    double most = settings.gapAlarm();
    pursuit
        .load()
        .ifPresent(
            target ->
                ctx.pipeToSelf(
                    thread.run(
                        () -> loader.load(target.snapshot(), target.heard(), inFlight, most)),
                    (gap, failure) ->
                        new Loaded(target.snapshot(), gap == null ? 0 : gap, failure)));
  }
}
