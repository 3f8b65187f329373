package plaudit.rewards;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.rewards.SourceSettings.Answers;
import plaudit.rewards.SourceSettings.Finished;
import plaudit.rewards.SourceSettings.Judge;
import plaudit.rewards.SourceSettings.Kind;
import plaudit.rewards.SourceSettings.Length;
import plaudit.rewards.SourceSettings.Matching;
import plaudit.rewards.SourceSettings.OfTheRun;
import plaudit.rewards.SourceSettings.OwnRule;
import plaudit.rewards.SourceSettings.Part;
import plaudit.rewards.SourceSettings.Remote;
import plaudit.scoring.RewardSource;
import plaudit.scoring.RunReward;
import plaudit.task.Task;

/**
 * Makes the sources that settings name.
 *
 * @param compute where finished models run
 * @param tokenizer the digest of the run's tokenizer
 * @param answers of the data
 * @param monitor hears what the sources give
 */
public record RewardSources(
    Task task,
    Compute compute,
    Supplier<String> tokenizer,
    KnownAnswers answers,
    SourceMonitor monitor) {

  /**
   * A source, which the caller closes.
   *
   * @param run the run's reward model, if it is one of the parts
   */
  public record Made(RewardSource source, Optional<RunReward> run) {}

  /**
   * Makes them.
   *
   * @param run makes the run's reward model, where it is asked for
   * @throws InvalidInputException if a file, a class or a variable is not there, or is no use
   */
  public Made make(SourceSettings settings, Supplier<RunReward> run) {
    if (settings.isRunAlone()) {
      RunReward own = run.get();
      return new Made(own, Optional.of(own));
    }
    List<WeightedSum.Part> parts = new ArrayList<>();
    Optional<RunReward> own = Optional.empty();
    try {
      for (Part part : settings.parts()) {
        RewardSource source;
        if (part.kind() instanceof OfTheRun) {
          own = Optional.of(run.get());
          source = own.get();
        } else {
          source = one(part);
        }
        parts.add(new WeightedSum.Part(part.name(), part.weight(), source));
      }
    } catch (RuntimeException e) {
      parts.forEach(it -> it.source().close());
      throw e;
    }
    return new Made(new WeightedSum(parts, monitor), own);
  }

  private RewardSource one(Part part) {
    Kind kind = part.kind();
    if (kind instanceof Finished finished) {
      return new FinishedModel(part.key(), finished, task, compute, tokenizer.get());
    } else if (kind instanceof Matching rule) {
      return new RuleSource(Rules.pattern(rule.pattern(), rule.measure()), answers);
    } else if (kind instanceof Length rule) {
      return new RuleSource(Rules.length(rule.target(), rule.unit()), answers);
    } else if (kind instanceof Answers rule) {
      return byAnswers(part, rule);
    } else if (kind instanceof OwnRule rule) {
      return new RuleSource(loaded(part, rule), answers);
    } else if (kind instanceof Remote remote) {
      HttpCalls calls =
          new HttpCalls(part.name(), part.key(), remote.http(), remote.http().url(), monitor);
      return new RemoteScorer(calls, remote.batch(), answers);
    } else if (kind instanceof Judge judge) {
      URI url =
          URI.create(judge.http().url().toString().replaceAll("/+$", "") + "/chat/completions");
      HttpCalls calls = new HttpCalls(part.name(), part.key(), judge.http(), url, monitor);
      return new LlmJudge(part.name(), judge, calls, monitor);
    }
    throw new IllegalArgumentException("no such source: " + kind);
  }

  private RewardSource byAnswers(Part part, Answers rule) {
    if (answers.byQuery().isEmpty()) {
      throw InvalidInputException.of(
          part.key() + ".answer",
          "data without answers",
          "prompts with a reference on the scorer's node, such as {\"prompt\": ..., \"reference\": ...}");
    }
    return new RuleSource(Rules.answer(rule.compare()), answers);
  }

  private static Rule loaded(Part part, OwnRule rule) {
    List<ServiceLoader.Provider<Rule>> found =
        ServiceLoader.load(Rule.class).stream()
            .filter(it -> it.type().getName().equals(rule.className()))
            .toList();
    if (found.isEmpty()) {
      throw InvalidInputException.of(
          part.key() + ".class",
          rule.className(),
          "a class on the class path, listed in META-INF/services/" + Rule.class.getName());
    }
    return found.get(0).get();
  }
}
