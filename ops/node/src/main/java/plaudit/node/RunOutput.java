package plaudit.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import plaudit.files.AtomicFile;
import plaudit.files.FileTree;
import plaudit.json.JsonFiles;
import plaudit.model.Compute;
import plaudit.model.Dtype;
import plaudit.model.Layout;
import plaudit.model.ModelDirectory;
import plaudit.model.ModelDirectory.Storage;
import plaudit.model.RewardFile;
import plaudit.model.Safetensors;
import plaudit.model.SafetensorsWriter;
import plaudit.model.ScalarHead;
import plaudit.model.TensorSpec;
import plaudit.model.TorchNet;
import plaudit.model.Weights;
import plaudit.node.config.OutputSettings;
import plaudit.node.run.RunDirectory;
import plaudit.optim.Adapters;
import plaudit.policy.AlgorithmSettings;
import plaudit.policy.PolicyCheckpoint;
import plaudit.snapshots.Model;
import plaudit.snapshots.Snapshot;
import plaudit.snapshots.SnapshotFiles;

/** The models a run leaves behind, as Hugging Face directories. */
public final class RunOutput {

  private static final String CARD = "README.md";
  private static final Pattern LICENCE =
      Pattern.compile("(?m)\\A---[\\s\\S]*?^license: *([\\w.+-]+)");

  private final RunDirectory directory;
  private final RunInputs inputs;
  private final OutputSettings settings;

  /** Writes into {@code directory}. */
  public RunOutput(RunDirectory directory, RunInputs inputs, OutputSettings settings) {
    this.directory = directory;
    this.inputs = inputs;
    this.settings = settings;
  }

  /** The tuned policy, with its value head in a file of its own. */
  public void writePolicy(PolicyCheckpoint checkpoint) {
    write(
        directory.policy(),
        checkpoint.file(),
        ScalarHead.VALUE.appendTo(List.of(first())).subList(1, 3),
        settings.storage(),
        Map.of(
            "generation_config.json",
            JsonFiles.indented(generation()),
            "tokenizer_config.json",
            JsonFiles.indented(tokenizer())));
  }

  /** How to sample as the run did, for a base model that does not say how to. */
  private ObjectNode generation() {
    ObjectNode json = JsonFiles.newObject();
    inputs.reference().config().beginToken().ifPresent(id -> json.put("bos_token_id", id));
    inputs.reference().config().endToken().ifPresent(id -> json.put("eos_token_id", id));
    return json.put("do_sample", true)
        .put("temperature", inputs.task().temperature())
        .put("top_k", 0)
        .put("max_new_tokens", inputs.task().responseLength());
  }

  /** That {@code tokenizer.json} is all there is to read, for a base model that does not say so. */
  private ObjectNode tokenizer() {
    return JsonFiles.newObject()
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("model_max_length", inputs.reference().config().context())
        .put("clean_up_tokenization_spaces", false);
  }

  /** The policy's adapters as PEFT reads them, beside the model that they are added into. */
  public void writeAdapter(PolicyCheckpoint checkpoint, AlgorithmSettings.Lora lora) {
    Adapters adapters = lora.of(inputs.reference().config());
    Safetensors tensors = Safetensors.open(checkpoint.file());
    String base = inputs.reference().directory().path().toAbsolutePath().normalize().toString();
    FileTree.write(
        directory.adapter(),
        temporary -> {
          SafetensorsWriter.write(
              temporary.resolve("adapter_model.safetensors"),
              Map.of("format", "pt"),
              adapters.peft(name -> tensors.readF32(PolicyCheckpoint.BASE + name)));
          AtomicFile.write(
              temporary.resolve("adapter_config.json"),
              JsonFiles.indented(adapters.peftConfig(base)));
        });
  }

  /**
   * The tuned policy's model card.
   *
   * @param data in words
   * @param settings the run's, in the order to show
   * @param verdict in a sentence, if there is one
   */
  public void writeCard(String data, Map<String, String> settings, Optional<String> verdict) {
    Path base = inputs.reference().directory().path();
    StringBuilder rows = new StringBuilder();
    settings.forEach((name, value) -> rows.append("| %s | %s |%n".formatted(name, value)));
    AtomicFile.write(
        directory.policy().resolve(CARD),
        """
        ---
        license: %s
        base_model: %s
        library_name: transformers
        pipeline_tag: text-generation
        tags: [plaudit, rlhf]
        ---
        # %s

        %s, fine-tuned from preferences with Plaudit.

        %s

        | | |
        |---|---|
        | Data | %s |
        %s
        Weights are %s. `heads.safetensors` has the value head, which only training goes on with.
        """
            .formatted(
                licence(base),
                JsonFiles.line(base.toString()),
                directory.root().toAbsolutePath().normalize().getFileName(),
                base.getFileName(),
                verdict.orElse("It was not compared with its base model."),
                data,
                rows,
                this.settings.storage().dtype()));
  }

  /** What the settings say, or the base model's card, or else that it is another one. */
  private String licence(Path base) {
    if (!settings.licence().isEmpty()) {
      return settings.licence();
    }
    Path card = base.resolve(CARD);
    if (Files.isRegularFile(card)) {
      Matcher named = LICENCE.matcher(JsonFiles.readString(card));
      if (named.find()) {
        return named.group(1);
      }
    }
    return "other";
  }

  /** The newest reward model, with its head and scale as extra tensors; false if there is none. */
  public boolean writeReward() {
    var newest = SnapshotFiles.in(directory.snapshots()).newest(Model.REWARD);
    newest.ifPresent(
        (Snapshot snapshot) -> {
          List<TensorSpec> extras =
              new ArrayList<>(ScalarHead.REWARD.appendTo(List.of(first())).subList(1, 3));
          extras.addAll(RewardFile.SCALE);
          write(
              directory.reward(),
              Path.of(snapshot.url()),
              extras,
              new Storage(Dtype.F32, 0, false),
              Map.of());
        });
    return newest.isPresent();
  }

  /** The tuned policy as a net that samples; the caller closes it. */
  public TorchNet tuned(PolicyCheckpoint checkpoint, Compute compute) {
    Safetensors tensors = Safetensors.open(checkpoint.file());
    List<TensorSpec> specs = ScalarHead.VALUE.appendTo(Layout.of(inputs.reference().config()));
    return TorchNet.of(
        inputs.reference().config(),
        Weights.read(specs, spec -> tensors.readF32(spec.name()), false, compute),
        compute);
  }

  private TensorSpec first() {
    return Layout.of(inputs.reference().config()).get(0);
  }

  private void write(
      Path target,
      Path weights,
      List<TensorSpec> extras,
      Storage storage,
      Map<String, String> texts) {
    Safetensors tensors = Safetensors.open(weights);
    List<ModelDirectory.Extra> added = new ArrayList<>();
    for (TensorSpec spec : extras) {
      ByteBuffer data = tensors.readF32(spec.name());
      added.add(new ModelDirectory.Extra(spec, data));
    }
    ModelDirectory.write(
        target,
        inputs.reference().config(),
        spec -> tensors.readF32(spec.name()),
        added,
        storage,
        inputs.reference().directory().path(),
        texts);
  }

  /** The size of a file or of all files below a directory, in bytes; 0 if there is none. */
  static long bytes(Path path) {
    if (!Files.exists(path)) {
      return 0;
    }
    try (var files = Files.walk(path, FileVisitOption.FOLLOW_LINKS)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
