package plaudit.lab.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.eval.HeldOut;
import plaudit.eval.HeldOut.Response;
import plaudit.experience.Rollout;
import plaudit.lab.study.RunResult.End;
import plaudit.lab.study.RunResult.Sample;
import plaudit.model.CausalNet;
import plaudit.node.VendorPlan;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.Tokens;

/**
 * Measures responses of a policy to held-out prompts at the end of a run. All runs of one seed
 * respond to the same prompts with the same randomness.
 */
final class FinalEvaluation {

  private static final int SAMPLES = 4;

  private FinalEvaluation() {}

  static End of(
      StudyContext study, CausalNet policy, CausalNet reference, MockHuman human, long seed) {
    HeldOut heldOut = HeldOut.of(study.inputs().task(), study.inputs().heldOut(), seed);
    int draws = StudySettings.from(study.config()).repeats();
    List<Response> responses = heldOut.write(policy, draws);
    double[] odds = rewards(study, human, responses.stream().map(Response::rollout).toList());
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < odds.length && samples.size() < SAMPLES; i += draws) {
      samples.add(
          new Sample(
              study.inputs().text(responses.get(i).rollout().query()),
              study.inputs().text(responses.get(i).cut().kept()),
              odds[i]));
    }
    List<Tokens> kept = responses.stream().map(r -> r.cut().kept()).toList();
    int n = responses.size();
    return new End(
        Arrays.stream(odds).sum() / n,
        heldOut.kl(responses, reference),
        -responses.stream().mapToDouble(r -> r.rollout().logprobs().sum()).sum() / n,
        TokenDiversity.distinct(kept, 1),
        TokenDiversity.distinct(kept, 2),
        (double) responses.stream().filter(r -> r.cut().valid()).count() / n,
        n,
        samples,
        second(study, kept));
  }

  private static double second(StudyContext study, List<Tokens> kept) {
    return VendorPlan.from(study.config())
        .preference()
        .map(
            judge ->
                kept.stream()
                    .mapToDouble(it -> judge.score(study.inputs().text(it)))
                    .average()
                    .orElse(0))
        .orElse(0d);
  }

  /** r_s of each response; that of one without an end is one deviation below the mean. */
  static double[] rewards(StudyContext study, MockHuman human, List<Rollout> rollouts) {
    Task task = study.inputs().task();
    List<Tokens> texts = new ArrayList<>();
    List<Truncated> cuts = new ArrayList<>();
    for (Rollout rollout : rollouts) {
      Truncated cut = task.truncation().truncate(rollout.response());
      cuts.add(cut);
      texts.add(task.judged(rollout.query(), cut.kept()));
    }
    double[] odds = human.logOdds(texts);
    for (int i = 0; i < odds.length; i++) {
      odds[i] = cuts.get(i).valid() ? odds[i] : study.logOdds(task.truncation().penalty());
    }
    return odds;
  }
}
