package plaudit.lab.study;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import plaudit.files.FileTree;
import plaudit.lab.study.ClassifierJob.ClassifierReport;
import plaudit.node.RunInputs;
import plaudit.policy.PolicySettings;
import plaudit.reward.RewardSettings;

/**
 * Makes all runs of a study, several at a time, and leaves out those that are there: first the
 * classifier, then the optimum, then the runs. Each part that is done is a file; an interrupted
 * part is done again.
 */
public final class Study {

  private final Config config;
  private final StudySettings settings;
  private final List<Arm> arms;
  private final StudyDirectory directory;
  private final RunInputs inputs;
  private final Path reviews;
  private final Watch watch;

  /**
   * A study.
   *
   * @param config of a run, with {@code plaudit.study}
   * @param arms what is compared
   * @param out takes the results
   */
  public Study(
      Config config, List<Arm> arms, RunInputs inputs, Path reviews, Path out, Watch watch) {
    this.config = config;
    this.settings = StudySettings.from(config);
    this.arms = List.copyOf(arms);
    this.inputs = inputs;
    this.reviews = reviews;
    this.watch = watch;
    this.directory = StudyDirectory.open(out, config, reviews);
  }

  /**
   * Listeners of a study.
   *
   * @param progress told where it stands
   * @param done told of each part that is done, in a line
   * @param goOn asked now and then; false ends the study
   */
  public record Watch(Consumer<Progress> progress, Consumer<String> done, BooleanSupplier goOn) {}

  /**
   * Where it stands.
   *
   * @param phase what is being done
   * @param done in units of the phase
   * @param total of the phase
   * @param unit what is counted
   */
  public record Progress(String phase, long done, long total, String unit) {}

  /**
   * The results.
   *
   * @param complete whether all runs are there
   */
  public record Outcome(
      boolean complete, ClassifierReport classifier, Frontier optimum, List<RunResult> runs) {}

  private record Cell(Arm arm, int seed) {
    String file() {
      return "runs/%s-seed%d.json".formatted(arm.name(), seed);
    }
  }

  /**
   * Makes the parts that are missing.
   *
   * @return empty if it was interrupted before there was anything to show
   */
  public Optional<Outcome> run() {
    ClassifierJob job =
        new ClassifierJob(
            directory,
            inputs,
            settings.classifier(),
            RewardSettings.from(config),
            config.getLong("plaudit.run.seed"));
    Optional<ClassifierReport> classifier = job.earlier().or(() -> trained(job));
    if (classifier.isEmpty()) {
      return Optional.empty();
    }
    StudyContext study =
        StudyContext.of(
            config,
            inputs,
            job.classifier(),
            classifier.get().level(),
            classifier.get().deviation());
    Optional<Frontier> optimum = Frontier.earlier(directory).or(() -> sampled(study));
    if (optimum.isEmpty()) {
      return Optional.empty();
    }
    List<Cell> cells = new ArrayList<>();
    // Seed by seed, so that what is there after an interruption compares all arms.
    for (int seed = 1; seed <= settings.seeds(); seed++) {
      for (Arm arm : arms) {
        cells.add(new Cell(arm, seed));
      }
    }
    make(study, cells.stream().filter(cell -> read(cell).isEmpty()).toList());
    List<RunResult> runs = cells.stream().flatMap(cell -> read(cell).stream()).toList();
    return Optional.of(
        new Outcome(runs.size() == cells.size(), classifier.get(), optimum.get(), runs));
  }

  /** Where the results are. */
  public Path path() {
    return directory.path();
  }

  /** Writes a text beside the results, whole or not at all. */
  public void write(String name, String text) {
    directory.write(name, text);
  }

  private Optional<RunResult> read(Cell cell) {
    return directory.read(cell.file(), RunResult.class);
  }

  private Optional<ClassifierReport> trained(ClassifierJob job) {
    Reviews texts = Reviews.read(reviews, settings.classifier().fewest());
    long total = Math.min(settings.classifier().windows(), texts.all().size());
    Optional<ClassifierReport> made =
        job.train(
            texts,
            seen -> watch.progress().accept(new Progress("classifier", seen, total, "reviews")),
            watch.goOn());
    made.ifPresent(
        report ->
            watch
                .done()
                .accept(
                    StudyTable.format(
                        "classifier: %.1f %% of %,d unseen pieces right, %.0f CPU seconds",
                        100 * report.accuracy(), report.measured(), report.cpuSeconds())));
    return made;
  }

  private Optional<Frontier> sampled(StudyContext study) {
    int prompts = settings.optimum().prompts();
    return Frontier.sample(
        directory,
        study,
        done -> watch.progress().accept(new Progress("optimum", done, prompts, "prompts")),
        watch.goOn());
  }

  private void make(StudyContext study, List<Cell> left) {
    long total =
        left.stream().filter(cell -> !(cell.arm().teacher() instanceof Arm.Teacher.None)).count()
            * PolicySettings.from(config).updates();
    AtomicLong made = new AtomicLong();
    ExecutorService threads =
        Executors.newFixedThreadPool(
            settings.parallel(),
            task -> {
              Thread thread = new Thread(task, "study");
              thread.setDaemon(true);
              return thread;
            });
    CompletionService<Boolean> ends = new ExecutorCompletionService<>(threads);
    try {
      for (Cell cell : left) {
        ends.submit(
            () ->
                make(
                    study,
                    cell,
                    () ->
                        watch
                            .progress()
                            .accept(
                                new Progress("runs", made.incrementAndGet(), total, "updates"))));
      }
      for (int i = 0; i < left.size(); i++) {
        ends.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw cause instanceof RuntimeException own
          ? own
          : new IllegalStateException("a run of the study failed", cause);
    } finally {
      threads.shutdownNow();
    }
  }

  private boolean make(StudyContext study, Cell cell, Runnable update) {
    if (!watch.goOn().getAsBoolean()) {
      return false;
    }
    Path scratch = directory.scratch(cell.arm().name() + "-" + cell.seed());
    Optional<RunResult> result;
    try (StudyRun run = new StudyRun(study, cell.arm(), cell.seed(), scratch)) {
      result = run.run(number -> update.run(), watch.goOn());
    } finally {
      FileTree.delete(scratch);
    }
    result.ifPresent(
        made -> {
          directory.write(cell.file(), made);
          watch
              .done()
              .accept(
                  StudyTable.format(
                      "%s, seed %d: r_s %+.2f, KL %.1f, %.0f CPU seconds",
                      cell.arm().name(),
                      cell.seed(),
                      made.end().rs(),
                      made.end().kl(),
                      made.cpuSeconds()));
        });
    return result.isPresent();
  }
}
