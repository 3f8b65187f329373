package plaudit.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plaudit.input.InvalidInputException;
import plaudit.lab.language.SftJob;
import plaudit.model.ModelConfig;
import plaudit.node.config.RunConfig;

/** {@code sft}: supervised fine-tuning, the paper's baseline. */
@Command(
    name = "sft",
    description = {
      "Fine-tune a language model on texts that show what to write.",
      "Where the data has answers (summaries, responses) only they are learnt; else every token of"
          + " the text is."
    },
    footer = {
      "",
      "  plaudit sft --model gpt2 --data posts.json --config tldr --sweep 8 --out gpt2-tldr",
      "  plaudit sft --model gpt2 --data books.zip --out gpt2-books",
      "  plaudit sft --resume runs/sft-20260101-120000",
      "",
      "Ctrl-C stops with a checkpoint. The settings are explained under plaudit.sft in",
      "reference.conf."
    })
public final class SftVerb extends ResultVerb {

  private static final String CONFIG = "config.conf";

  @Option(names = "--model", paramLabel = "DIR", description = "The model to begin with.")
  private @Nullable Path model;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "Texts with answers (.jsonl with query and response, posts, news stories), or plain text;"
              + " see docs/tasks.md.")
  private @Nullable Path data;

  @Option(
      names = "--column",
      paramLabel = "NAME=COLUMN",
      description = {
        "Read a column of the data under another name, such as prompt=question or",
        "reference=answer. May be given several times."
      })
  private List<String> columns = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the model goes; must not exist yet.")
  private @Nullable Path out;

  @Option(
      names = "--config",
      paramLabel = "FILE|PRESET",
      description = {
        "The task: how texts become queries, such as tldr.",
        "Without it a text is the query as it is, and query and answer share the model's context."
      })
  private @Nullable String config;

  @Option(
      names = "--sweep",
      paramLabel = "N",
      description = "Try N learning rates from 1e-4 to 3e-4 and keep the best. Paper: 8.")
  private @Nullable Integer sweep;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description = "The learning rate (default: 1.73e-4).")
  private @Nullable String learningRate;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "Probability of dropout (default: 0.1).")
  private @Nullable String dropout;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description = "Go on with the job of this directory.")
  private @Nullable Path resume;

  @Parameters(paramLabel = "KEY=VALUE", arity = "0..*", description = "Settings to override.")
  private List<String> overrides = List.of();

  @Override
  public Integer call() {
    if (sweep != null && learningRate != null) {
      throw new InvalidInputException("sft: expected either --sweep or --learning-rate");
    }
    SftJob.Result result = resume == null ? start() : resumed(resume);
    print(
        summary(result),
        () -> {
          if (result.complete()) {
            out().println(result.out());
          }
        });
    return 0;
  }

  private SftJob.Result start() {
    if (model == null || data == null || out == null) {
      throw new InvalidInputException(
          "sft: expected --model, --data and --out, or --resume with a job's directory");
    }
    List<String> settings = new ArrayList<>();
    if (config == null) {
      settings.addAll(textAsItIs(ModelConfig.read(model.resolve(ModelConfig.FILE)).context()));
    }
    settings.addAll(settings());
    RunConfig run =
        config == null ? RunConfig.defaults(settings) : RunConfig.load(config, settings);
    return new SftJob(run, err()).start();
  }

  private SftJob.Result resumed(Path directory) {
    if (config != null) {
      throw new InvalidInputException("sft: expected either --config or --resume");
    }
    String settings = directory.resolve(CONFIG).toString();
    return new SftJob(RunConfig.load(settings, settings()), err()).resume(directory);
  }

  private List<String> settings() {
    List<String> settings = new ArrayList<>();
    add(settings, "run.model", model);
    add(settings, "run.data", data);
    add(settings, "sft.out", out);
    settings.addAll(JobVerb.columnSettings(columns));
    if (sweep != null) {
      settings.add("sft.sweep.count=" + sweep);
    }
    if (learningRate != null) {
      settings.add("sft.learning-rate=" + learningRate);
    }
    if (dropout != null) {
      settings.add("sft.dropout=" + dropout);
    }
    settings.addAll(overrides);
    return settings;
  }

  private static void add(List<String> settings, String key, @Nullable Path path) {
    if (path != null) {
      settings.add(Shipped.setting(key, path));
    }
  }

  /** No task: nothing is dropped, and half of the context is kept for the answer. */
  private static List<String> textAsItIs(int context) {
    return List.of(
        "task.start-text=\"\"",
        "task.end-text=\"\"",
        "task.truncate-token=\"\"",
        "task.truncate-after=0",
        "task.query-length=" + context,
        "task.response-length=" + Math.max(1, context / 2));
  }

  private static Map<String, Object> summary(SftJob.Result result) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("directory", result.directory().toString());
    summary.put("complete", result.complete());
    if (Double.isFinite(result.untouched())) {
      summary.put("untouchedLoss", result.untouched());
    }
    List<Map<String, Object>> tried = new ArrayList<>();
    for (var one : result.sweep().results()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("learningRate", one.rate());
      entry.put("diverged", !Double.isFinite(one.loss()));
      if (Double.isFinite(one.loss())) {
        entry.put("loss", one.loss());
      }
      tried.add(entry);
    }
    summary.put("tried", tried);
    result.sweep().best().ifPresent(best -> summary.put("loss", best.loss()));
    if (result.complete()) {
      summary.put("model", result.out().toString());
    }
    return summary;
  }
}
