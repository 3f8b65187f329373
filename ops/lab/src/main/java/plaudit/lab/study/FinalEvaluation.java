package plaudit.lab.study;

import java.util.ArrayList;
import java.util.List;
import plaudit.experience.Prompt;
import plaudit.experience.Rollout;
import plaudit.lab.study.RunResult.End;
import plaudit.lab.study.RunResult.Sample;
import plaudit.model.CausalNet;
import plaudit.sampling.Generation;
import plaudit.task.Task;
import plaudit.task.TruncationRule.Truncated;
import plaudit.tokens.Tokens;

/**
 * What a policy writes on held-out prompts at the end of a run, measured. All runs of one seed
 * write on the same prompts with the same randomness.
 */
final class FinalEvaluation {

  /** Prompt ids far away from those of training, for randomness of their own. */
  static final long FIRST_ID = 1L << 50;

  private static final int AT_ONCE = 32;
  private static final int SAMPLES = 4;

  private FinalEvaluation() {}

  static End of(
      StudyContext lab, CausalNet policy, CausalNet reference, MockHuman human, long seed) {
    Task task = lab.inputs().task();
    Generation generation = new Generation(task, seed);
    List<Tokens> heldOut = lab.inputs().heldOut();
    int repeats = StudySettings.from(lab.config()).repeats();
    List<Tokens> kept = new ArrayList<>();
    List<Sample> samples = new ArrayList<>();
    double rs = 0;
    double kl = 0;
    double entropy = 0;
    int valid = 0;
    for (int from = 0; from < heldOut.size(); from += AT_ONCE) {
      List<Prompt> prompts = new ArrayList<>();
      for (int i = from; i < Math.min(from + AT_ONCE, heldOut.size()); i++) {
        prompts.add(new Prompt(FIRST_ID + i, heldOut.get(i)));
      }
      List<Rollout> rollouts = generation.rollouts(policy, 0, prompts, repeats);
      double[] odds = rewards(lab, human, rollouts);
      float[][] logprobs = logprobs(reference, task, rollouts);
      for (int i = 0; i < odds.length; i++) {
        Rollout rollout = rollouts.get(i);
        Truncated cut = task.truncation().truncate(rollout.response());
        kept.add(cut.kept());
        rs += odds[i];
        valid += cut.valid() ? 1 : 0;
        entropy -= rollout.logprobs().sum();
        kl += rollout.logprobs().sum();
        for (float logprob : logprobs[i]) {
          kl -= logprob;
        }
        if (samples.size() < SAMPLES && rollout.index() == 0) {
          samples.add(
              new Sample(
                  lab.inputs().text(rollout.query()), lab.inputs().text(cut.kept()), odds[i]));
        }
      }
    }
    int n = kept.size();
    return new End(
        rs / n,
        kl / n,
        entropy / n,
        Diversity.distinct(kept, 1),
        Diversity.distinct(kept, 2),
        (double) valid / n,
        n,
        samples);
  }

  /** r_s of each response; that of one without an end is one deviation below the mean. */
  static double[] rewards(StudyContext lab, MockHuman human, List<Rollout> rollouts) {
    Task task = lab.inputs().task();
    List<Tokens> texts = new ArrayList<>();
    List<Truncated> cuts = new ArrayList<>();
    for (Rollout rollout : rollouts) {
      Truncated cut = task.truncation().truncate(rollout.response());
      cuts.add(cut);
      texts.add(task.judged(rollout.query(), cut.kept()));
    }
    double[] odds = human.logOdds(texts);
    for (int i = 0; i < odds.length; i++) {
      odds[i] = cuts.get(i).valid() ? odds[i] : lab.logOdds(task.truncation().penalty());
    }
    return odds;
  }

  private static float[][] logprobs(CausalNet reference, Task task, List<Rollout> rollouts) {
    List<Tokens> contexts = new ArrayList<>();
    List<Tokens> responses = new ArrayList<>();
    for (Rollout rollout : rollouts) {
      contexts.add(task.context(rollout.query()));
      responses.add(rollout.response());
    }
    return reference.score(contexts, responses, task.temperature()).logprobs();
  }
}
