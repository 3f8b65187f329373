package plaudit.lab.study;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import plaudit.eval.HeldOut;
import plaudit.eval.frontier.FrontierReport;
import plaudit.experience.Prompt;
import plaudit.model.TorchNet;
import plaudit.sampling.Generation;
import plaudit.tokens.Tokens;

/**
 * The best that any policy could do on held-out prompts: the optimum pi*, proportional to rho(y|x)
 * exp(r_s / beta), seen through many responses of the reference (paper 5.6).
 *
 * @param prompts how many
 * @param draws responses each
 * @param points one for each KL coefficient, trustworthy ones only, by rising KL
 * @param bestOf the best of n of the reference by r_s, by rising n; none in files of earlier
 *     releases
 */
public record Frontier(int prompts, int draws, List<Point> points, List<Best> bestOf) {

  private static final String FILE = "optimum.json";
  private static final int AT_ONCE = 128;

  public Frontier {
    points = List.copyOf(points);
    bestOf = List.copyOf(Objects.requireNonNullElse(bestOf, List.of())); // absent in older files
  }

  /** Mean r_s of the best of n, at a KL in nats that is an upper bound. */
  public record Best(int n, double kl, double rs) {}

  /** Mean r_s and KL in nats at one KL coefficient (beta). */
  public record Point(double beta, double kl, double rs) {}

  /** That of an earlier call. */
  static Optional<Frontier> earlier(StudyDirectory directory) {
    return directory.read(FILE, Frontier.class);
  }

  /**
   * Samples it and writes it.
   *
   * @param done told how many prompts are done
   * @return empty if it was given up
   */
  static Optional<Frontier> sample(
      StudyDirectory directory, StudyContext study, IntConsumer done, BooleanSupplier goOn) {
    StudySettings.Optimum wanted = StudySettings.from(study.config()).optimum();
    List<Tokens> heldOut = study.inputs().heldOut();
    int prompts = Math.min(wanted.prompts(), heldOut.size());
    double[][] rewards = new double[prompts][wanted.draws()];
    Generation generation = new Generation(study.inputs().task(), 1);
    try (TorchNet reference = study.inputs().reference().net(StudyContext.COMPUTE);
        MockHuman human = MockHuman.open(study.classifier(), StudyContext.COMPUTE)) {
      for (int i = 0; i < prompts; i++) {
        for (int from = 0; from < wanted.draws(); from += AT_ONCE) {
          if (!goOn.getAsBoolean()) {
            return Optional.empty();
          }
          int count = Math.min(AT_ONCE, wanted.draws() - from);
          // Another version number for each part, so that each has randomness of its own.
          Prompt prompt = new Prompt(HeldOut.FIRST_ID + i, heldOut.get(i));
          double[] part =
              FinalEvaluation.rewards(
                  study,
                  human,
                  generation.rollouts(reference, from / AT_ONCE, List.of(prompt), count));
          System.arraycopy(part, 0, rewards[i], from, count);
        }
        done.accept(i + 1);
      }
    }
    double[] betas = wanted.betas().stream().mapToDouble(b -> b).toArray();
    FrontierReport report = FrontierReport.of(rewards, betas, 1);
    List<Point> points =
        report.optimum().stream()
            .filter(FrontierReport.OptimumPoint::trustworthy)
            .map(p -> new Point(p.beta(), p.kl(), p.reward().mean()))
            .sorted(Comparator.comparingDouble(Point::kl))
            .toList();
    List<Best> bestOf =
        report.bestOfN().stream()
            .filter(it -> Integer.bitCount(it.n()) == 1)
            .map(it -> new Best(it.n(), it.kl(), it.reward().mean()))
            .toList();
    Frontier frontier = new Frontier(prompts, wanted.draws(), points, bestOf);
    directory.write(FILE, frontier);
    return Optional.of(frontier);
  }
}
