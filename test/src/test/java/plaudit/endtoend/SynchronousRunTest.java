package plaudit.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.ExperienceMeters;
import plaudit.experience.ExperienceSettings;
import plaudit.experience.Pace;
import plaudit.experience.PromptStreams;
import plaudit.experience.Start;
import plaudit.experience.actor.ExperienceBuffer;
import plaudit.experience.actor.ExperienceProtocol;
import plaudit.experience.actor.ExperienceProtocol.KeepPace;
import plaudit.labels.actor.LabelStore;
import plaudit.language.FreshWeights;
import plaudit.model.Compute;
import plaudit.model.Layout;
import plaudit.model.ModelConfig;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.optim.MicroBatch;
import plaudit.policy.LearnerSettings;
import plaudit.policy.PolicyMeters;
import plaudit.policy.PolicySettings;
import plaudit.policy.PolicyTrainer;
import plaudit.policy.actor.PolicyLearner;
import plaudit.sampling.Generation;
import plaudit.sampling.SamplerMeters;
import plaudit.sampling.SamplerSettings;
import plaudit.sampling.SamplerSettings.InFlight;
import plaudit.sampling.TorchPolicyEngine;
import plaudit.sampling.actor.Sampler;
import plaudit.scoring.Questions;
import plaudit.scoring.ScorerMeters;
import plaudit.scoring.ScorerSettings;
import plaudit.scoring.TorchScoringEngine;
import plaudit.scoring.actor.Scorer;
import plaudit.scoring.actor.ScoringProtocol;
import plaudit.snapshots.Lineage;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;
import plaudit.snapshots.actor.SnapshotProtocol;
import plaudit.snapshots.actor.SnapshotRegistry;
import plaudit.task.Task;
import plaudit.task.TruncationRule;
import plaudit.tokens.Tokens;
import plaudit.training.TrainingObserver;

/**
 * With eta = 0 a run is a function of its seed: every weight of every version is the same to the
 * bit, however many samplers share the work and whatever they may do in flight. The fast loop alone
 * with a reward model that is given, since people are no function of a seed.
 */
class SynchronousRunTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Compute CPU = Compute.cpu(1);
  private static final ModelConfig CONFIG = ModelConfig.gpt2(1, 2, 16, 32, 23);
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 8, 0.7f, TruncationRule.NONE, true);
  private static final Generation GENERATION = new Generation(TASK, 3);
  private static final int UPDATES = 3;
  private static final int BATCH = 8;

  @Test
  void oneSeedMakesOneRun(@TempDir Path dir) {
    List<String> first = digests(dir.resolve("one"), 1, InFlight.OFF);
    assertThat(first).hasSize(UPDATES + 1).doesNotHaveDuplicates();
    assertThat(digests(dir.resolve("again"), 1, InFlight.OFF)).isEqualTo(first);
    assertThat(digests(dir.resolve("two"), 2, InFlight.OFF)).isEqualTo(first);
    assertThat(digests(dir.resolve("in-flight"), 2, InFlight.KEEP_CACHE)).isEqualTo(first);
  }

  /** The SHA-256 of each policy version. */
  private static List<String> digests(Path dir, int samplers, InFlight inFlight) {
    ActorTestKit kit = ActorTestKit.create("run", ConfigFactory.load());
    try {
      SnapshotFiles files = SnapshotFiles.in(dir.resolve("snapshots"));
      ActorRef<SnapshotProtocol.Command> registry =
          kit.spawn(SnapshotRegistry.create(Map.of()), "registry");
      TestProbe<Snapshot> versions = kit.createTestProbe(Snapshot.class);
      registry.tell(new SnapshotProtocol.Follow(Model.POLICY, versions.getRef()));
      registry.tell(
          new SnapshotProtocol.Publish(
              reward(files), kit.createTestProbe(Lineage.PublishReply.class).getRef()));
      ActorRef<ExperienceProtocol.Command> buffer =
          kit.spawn(
              ExperienceBuffer.create(
                  new ExperienceSettings(
                      BATCH, 0, 0, 2, 2, 4, Duration.ofMinutes(5), 0, Start.FRESH),
                  PromptStreams.of(
                      IntStream.range(0, 11).mapToObj(i -> Tokens.of(i, 3)).toList(), 5),
                  registry,
                  InstantSource.system(),
                  new ExperienceMeters(new SimpleMeterRegistry())),
              "buffer");
      buffer.tell(new KeepPace(Pace.FREE));
      startWorkers(kit, files, buffer, registry, samplers, inFlight);
      startLearner(kit, dir, files, buffer, registry);
      List<String> digests = new ArrayList<>();
      for (int version = 0; version <= UPDATES; version++) {
        Snapshot snapshot = versions.receiveMessage(PATIENCE);
        assertThat(snapshot.version()).isEqualTo(version);
        digests.add(snapshot.sha256());
      }
      return digests;
    } finally {
      kit.shutdownTestKit();
    }
  }

  private static void startWorkers(
      ActorTestKit kit,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry,
      int samplers,
      InFlight inFlight) {
    kit.spawn(
        Scorer.create(
            new ScorerSettings(CPU, 64, 4, Duration.ofSeconds(5)),
            new Questions(TASK, 4, Tokens::toString),
            () -> new TorchScoringEngine(CONFIG, TASK, CPU, reference(), files),
            ScoringProtocol.KEY,
            buffer,
            kit.createTestProbe(LabelStore.Command.class).getRef(),
            registry,
            InstantSource.system(),
            new ScorerMeters(new SimpleMeterRegistry())));
    for (int i = 0; i < samplers; i++) {
      SamplerMeters meters = new SamplerMeters(new SimpleMeterRegistry());
      kit.spawn(
          Sampler.create(
              new SamplerSettings(CPU, 2, Duration.ofSeconds(2), 0.01, inFlight),
              "sampler-" + i,
              () ->
                  new TorchPolicyEngine(
                      CONFIG,
                      SynchronousRunTest::reference,
                      CPU,
                      GENERATION,
                      new Questions(TASK, 4, Tokens::toString),
                      100,
                      inFlight,
                      files,
                      meters),
              ScoringProtocol.KEY,
              buffer,
              registry,
              InstantSource.system(),
              meters));
    }
  }

  private static void startLearner(
      ActorTestKit kit,
      Path dir,
      SnapshotFiles files,
      ActorRef<ExperienceProtocol.Command> buffer,
      ActorRef<SnapshotProtocol.Command> registry) {
    PolicySettings ppo =
        PolicySettings.from(
            ConfigFactory.parseString(
                    "plaudit.policy { batch = %d, updates = %d, learning-rate = 1e-2 }"
                        .formatted(BATCH, UPDATES))
                .withFallback(ConfigFactory.defaultReference()));
    kit.spawn(
        PolicyLearner.create(
            ppo,
            () ->
                PolicyTrainer.fresh(
                    ppo,
                    TASK,
                    files,
                    CONFIG,
                    FreshWeights.of(CONFIG, 11, CPU),
                    new LearnerSettings(CPU, MicroBatch.ofRows(BATCH)),
                    3),
            false,
            dir.resolve("checkpoints"),
            buffer,
            registry,
            new PolicyMeters(new SimpleMeterRegistry()),
            TrainingObserver.NONE,
            kit.createTestProbe(PolicyLearner.Ended.class).getRef()));
  }

  private static TorchNet reference() {
    return TorchNet.of(CONFIG, FreshWeights.of(CONFIG, 11, CPU), CPU);
  }

  private static Snapshot reward(SnapshotFiles files) {
    List<TensorSpec> specs = new ArrayList<>(ScalarHead.REWARD.appendTo(Layout.of(CONFIG)));
    specs.addAll(RewardFile.SCALE);
    Random random = new Random(7);
    try (Weights weights = Weights.read(specs, spec -> fill(spec, random), false, CPU)) {
      return files.write(
          Model.REWARD,
          0,
          -1,
          List.of(),
          out -> SnapshotWeights.write(Channels.newChannel(out), Map.of(), List.of(weights)));
    }
  }

  private static ByteBuffer fill(TensorSpec spec, Random random) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size())).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < spec.size(); i++) {
      boolean gain = spec.name().matches(".*ln_\\w+\\.weight|reward_gain");
      bytes.putFloat(gain ? 1 : (float) (0.3 * random.nextGaussian()));
    }
    return bytes.flip();
  }
}
