package plaudit.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plaudit.experience.Rollout;
import plaudit.experience.Tokens;
import plaudit.experience.Trajectory;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Comparison.Sample;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.model.Gpt2Layout;
import plaudit.model.RewardFile;
import plaudit.model.ScalarHead;
import plaudit.model.SnapshotWeights;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.policy.Toy;
import plaudit.policy.ToyGame;
import plaudit.sampling.Task;
import plaudit.sampling.TruncationRule;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/**
 * Both loops without actors, real trainers on tiny nets: a person likes three of a token in a
 * response, and fewer or more less. The reference hardly ever writes more than three, so that its
 * texts teach a reward model that more is better.
 */
class OnlineLabelsTest {

  private static final int TOKEN = 5;
  private static final int LIKED = 3;
  private static final int ROUNDS = 4;
  private static final int UPDATES = 25;
  private static final int BATCHES = 10;
  private static final Tokens QUERY = Tokens.of(2, 1);
  private static final Task TASK =
      new Task(Tokens.of(), Tokens.of(), 8, 0.7f, TruncationRule.NONE, true);

  @TempDir private Path dir = Path.of("");

  /** Both get as many labels; only whose come from the present policy notice that it overdoes it. */
  @Test
  void labelsOfThePresentPolicyAreWorthMoreThanThoseOfTheReference() {
    double offline = play(false);
    double online = play(true);
    assertThat(offline).isLessThan(-1);
    assertThat(online).isGreaterThan(offline + .4);
  }

  /** How much the person likes what the policy writes at the end. */
  private double play(boolean online) {
    Path own = dir.resolve(online ? "online" : "offline");
    Machine machine = new Machine();
    try (ToyGame game =
        new ToyGame(
            Toy.settings(
                "algorithm = rloo",
                "group = 4",
                "batch = 64",
                "epochs = 2",
                "updates = " + ROUNDS * UPDATES,
                "learning-rate = 5e-3",
                "schedule = constant",
                "kl.adaptive = off",
                "kl.beta = 0.05",
                "tripwires.entropy-share = 0"),
            TASK,
            List.of(QUERY),
            machine::score,
            own)) {
      List<Label> labels = new ArrayList<>();
      ask(game, BATCHES * (online ? 1 : ROUNDS), labels);
      RewardTrainer trainer = trainer(samples(game), own);
      for (int round = 0; round < ROUNDS; round++) {
        if (online && round > 0) {
          ask(game, BATCHES, labels);
        }
        if (online || round == 0) {
          machine.follow(trainer.train(round, labels).snapshot());
        }
        for (int update = 0; update < UPDATES; update++) {
          game.learn(game.batch(), OptionalDouble.empty());
        }
      }
      return game.batch().stream()
          .mapToDouble(t -> liking(t.rollout().response()))
          .average()
          .orElseThrow();
    } finally {
      machine.close();
    }
  }

  private static double liking(Tokens response) {
    return -Math.abs(response.stream().filter(token -> token == TOKEN).count() - LIKED);
  }

  /** Each group of four becomes a comparison; the person takes the first of the best. */
  private static void ask(ToyGame game, int batches, List<Label> labels) {
    for (int i = 0; i < batches; i++) {
      Map<Long, List<Sample>> groups = new LinkedHashMap<>();
      for (Trajectory trajectory : game.batch()) {
        Rollout rollout = trajectory.rollout();
        groups
            .computeIfAbsent(rollout.promptId(), id -> new ArrayList<>())
            .add(new Sample(rollout.response(), "text", rollout.policyVersion()));
      }
      groups.forEach(
          (prompt, samples) -> {
            int best = 0;
            for (int s = 1; s < samples.size(); s++) {
              boolean better =
                  liking(samples.get(s).response()) > liking(samples.get(best).response());
              best = better ? s : best;
            }
            String id = "q" + prompt;
            Comparison comparison = new Comparison(id, QUERY, "query", samples);
            Judgment judgment =
                new Judgment(id, "vendor", "person", new Choice.Best(best), Instant.EPOCH);
            labels.add(new Label(labels.size() + 1L, comparison, judgment));
          });
    }
  }

  private static ReferenceSamples samples(ToyGame game) {
    List<Tokens> sequences = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      game.batch().forEach(t -> sequences.add(TASK.judged(QUERY, t.rollout().response())));
    }
    return new ReferenceSamples(sequences);
  }

  private static RewardTrainer trainer(ReferenceSamples samples, Path dir) {
    Weights reference = Toy.weights();
    return new RewardTrainer(
        RewardToy.settings("learning-rate = 1e-2", "held-out-share = 0"),
        Toy.CONFIG,
        TASK,
        spec -> reference.copy(reference.specs().indexOf(spec)),
        samples,
        SnapshotFiles.in(dir),
        Toy.CPU,
        1);
  }

  /** Scores with the newest reward model, 0 before there is one. */
  private static final class Machine {
    private final List<TorchNet> nets = new ArrayList<>();
    private RewardFile.Scale scale = new RewardFile.Scale(1, 0);

    void follow(Snapshot snapshot) {
      Path file = Path.of(snapshot.url());
      close();
      nets.add(
          TorchNet.of(
              Toy.CONFIG,
              SnapshotWeights.read(
                  file, ScalarHead.REWARD.appendTo(Gpt2Layout.of(Toy.CONFIG)), false, Toy.CPU),
              Toy.CPU));
      scale = RewardFile.scale(file);
    }

    double score(Tokens kept) {
      return nets.isEmpty()
          ? 0
          : scale.gain() * nets.get(0).reward(List.of(TASK.judged(QUERY, kept)))[0] + scale.bias();
    }

    void close() {
      nets.forEach(TorchNet::close);
      nets.clear();
    }
  }
}
