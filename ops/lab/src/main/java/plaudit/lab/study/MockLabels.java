package plaudit.lab.study;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import plaudit.experience.Prompt;
import plaudit.experience.PromptStreams;
import plaudit.experience.Purpose;
import plaudit.experience.Rollout;
import plaudit.experience.ShuffledPrompts;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.model.CausalNet;
import plaudit.node.vendor.Judge;
import plaudit.reward.LabelPool;
import plaudit.sampling.Generation;
import plaudit.scoring.Questions;
import plaudit.tokens.Tokens;

/**
 * The labels of one run: questions are written by the present policy and answered at once by the
 * simulated judge (paper 1.4, 2.4). Those before the first update are shared by all runs of a seed.
 */
final class MockLabels {

  static final int CHOICES = 4;

  /** After so many calls in a row without a question, none is to be expected. */
  private static final int BARREN = 20;

  private static final int PROMPTS = 8;

  private final Generation generation;
  private final Questions questions;
  private final Judge<Tokens> judge;
  private final CausalNet reference;
  private final PromptStreams prompts;
  private final long seed;
  private final LabelPool pool = new LabelPool();
  private long taken;
  private long asked;
  private long validations;
  private long questionPosition;
  private long validationPosition;

  /** No labels yet. */
  MockLabels(
      Generation generation,
      Questions questions,
      Judge<Tokens> judge,
      CausalNet reference,
      PromptStreams prompts,
      long seed) {
    this.generation = generation;
    this.questions = questions;
    this.judge = judge;
    this.reference = reference;
    this.prompts = prompts;
    this.seed = seed;
  }

  /** Questions asked, validation apart. */
  long asked() {
    return asked;
  }

  /** Validation questions asked. */
  long validations() {
    return validations;
  }

  /** All labels. */
  LabelPool pool() {
    return pool;
  }

  /** Takes labels of the reference's responses until {@code wanted} questions have been asked. */
  void askReference(OfReference shared, long wanted) {
    List<Label> first =
        shared.first(
            Math.toIntExact(wanted), at -> labels(Purpose.QUESTION, reference, 0, at, PROMPTS));
    first.subList(Math.toIntExact(asked), first.size()).forEach(this::take);
    asked = first.size();
    String last = first.get(first.size() - 1).comparison().id();
    questionPosition =
        Long.parseLong(last.substring(Questions.prefix(Purpose.QUESTION).length()))
            - ShuffledPrompts.FIRST_QUESTION
            + 1;
  }

  /** Has the policy write until {@code wanted} questions have been asked. */
  void ask(CausalNet policy, long version, long wanted) {
    for (int barren = 0; asked < wanted; barren++) {
      int prompts = (int) Math.min(PROMPTS, wanted - asked);
      for (Label label : labels(Purpose.QUESTION, policy, version, questionPosition, prompts)) {
        take(label);
        asked++;
        barren = -1;
      }
      questionPosition += prompts;
      requireSome(barren);
    }
  }

  /** Sets the policy against the reference until {@code wanted} such questions have been asked. */
  void validate(CausalNet policy, long version, long wanted) {
    for (int barren = 0; validations < wanted; barren++) {
      int prompts = (int) Math.min(PROMPTS, wanted - validations);
      for (Label label : labels(Purpose.VALIDATION, policy, version, validationPosition, prompts)) {
        take(label);
        validations++;
        barren = -1;
      }
      validationPosition += prompts;
      requireSome(barren);
    }
  }

  private void take(Label label) {
    taken++;
    pool.add(new Label(taken, label.comparison(), label.judgment()));
  }

  private static void requireSome(int barren) {
    if (barren == BARREN) {
      throw new IllegalStateException(
          "%d prompts in a row without %d different responses that end"
              .formatted(BARREN * PROMPTS, CHOICES));
    }
  }

  private List<Label> labels(
      Purpose purpose, CausalNet writer, long version, long position, int count) {
    ShuffledPrompts shuffled =
        purpose == Purpose.VALIDATION ? prompts.validations() : prompts.questions();
    List<Prompt> next = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      next.add(shuffled.at(position + i));
    }
    List<Label> labels = new ArrayList<>();
    for (Comparison comparison : questions.of(purpose, write(purpose, writer, version, next))) {
      labels.add(new Label(1, comparison, judgment(comparison)));
    }
    return labels;
  }

  private List<Rollout> write(
      Purpose purpose, CausalNet writer, long version, List<Prompt> prompts) {
    if (purpose != Purpose.VALIDATION) {
      return generation.rollouts(writer, version, prompts, CHOICES);
    }
    return Stream.concat(
            generation.rollouts(reference, 0, prompts, CHOICES / 2).stream(),
            generation.rollouts(writer, version, prompts, CHOICES / 2).stream())
        .toList();
  }

  private Judgment judgment(Comparison comparison) {
    List<Tokens> texts =
        comparison.samples().stream()
            .map(s -> generation.task().judged(comparison.query(), s.response()))
            .toList();
    int best =
        judge.judge(comparison.query(), texts, new Random(seed ^ comparison.id().hashCode()));
    return new Judgment(comparison.id(), "mock", "mock", new Choice.Best(best), Instant.EPOCH);
  }

  /**
   * Labels of responses of the reference that all runs of one seed begin with, asked once, by the
   * first run that needs them. The n-th label does not depend on which run asked. Safe for many
   * threads.
   */
  static final class OfReference {

    private final List<Label> labels = new ArrayList<>();
    private long position;

    /**
     * The first labels.
     *
     * @param ask makes the labels of the {@link #PROMPTS} prompts from a position on
     */
    synchronized List<Label> first(int count, LongFunction<List<Label>> ask) {
      for (int barren = 0; labels.size() < count; ) {
        List<Label> more = ask.apply(position);
        position += PROMPTS;
        labels.addAll(more);
        barren = more.isEmpty() ? barren + 1 : 0;
        requireSome(barren);
      }
      return List.copyOf(labels.subList(0, count));
    }
  }
}
