package plaudit.lab.language;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import plaudit.data.DataFormat;
import plaudit.data.Example;
import plaudit.data.TextCorpus;
import plaudit.input.InvalidInputException;
import plaudit.lab.language.SftSettings.Loss;
import plaudit.language.Demonstration;
import plaudit.language.TokenStream;
import plaudit.model.ModelDirectory;
import plaudit.model.ReferenceModel;
import plaudit.model.Tokenizer;
import plaudit.node.config.DataSettings;
import plaudit.node.config.Rendered;
import plaudit.node.config.TaskSettings;

/**
 * Model and demonstrations of a supervised job, read and checked before it starts.
 *
 * @param training demonstrations to train on
 * @param heldOut demonstrations that measure
 * @param origin the data in words, for people
 */
record SftInputs(
    ReferenceModel reference,
    List<Demonstration> training,
    List<Demonstration> heldOut,
    String origin) {

  private static final String END_OF_TEXT = "<|endoftext|>";

  /** Of plain text without a part marked as held out, one window in so many measures, or fewer. */
  private static final int HELD_OUT_EVERY = 20;

  static SftInputs read(Config config, SftSettings settings) {
    String model = config.getString("plaudit.run.model");
    if (model.isEmpty()) {
      throw InvalidInputException.of("plaudit.run.model", "not set", "a path");
    }
    ModelDirectory directory = ModelDirectory.open(Path.of(model));
    DataSettings data = DataSettings.from(config).withMaxHeldOut(settings.validation());
    try (Tokenizer tokenizer = directory.openTokenizer()) {
      if (settings.loss() != Loss.TEXT && hasAnswers(data)) {
        return responses(TaskSettings.from(config), data, directory, tokenizer);
      }
      if (settings.loss() == Loss.RESPONSES) {
        throw InvalidInputException.of(
            "answers in " + data.path(),
            "none",
            "texts with a summary, response, target or the like; see docs/tasks.md");
      }
      return text(data, directory, tokenizer, settings.validation());
    }
  }

  private static boolean hasAnswers(DataSettings data) {
    if (data.found() == DataFormat.BOOKS) {
      return false; // nor need they be read to know it
    }
    try (Stream<Example> all = data.open().training()) {
      return all.anyMatch(
          example -> example.reference().isPresent() || example.conversation().isPresent());
    }
  }

  private static SftInputs responses(
      TaskSettings task, DataSettings data, ModelDirectory directory, Tokenizer tokenizer) {
    DataSettings.Texts texts = data.read();
    Demonstrator demonstrator =
        new Demonstrator(task, texts.format(), tokenizer, directory.config().context());
    List<Demonstration> training =
        demonstrator.all(Rendered.demonstrations(texts.training(), tokenizer));
    List<Demonstration> heldOut =
        demonstrator.all(Rendered.demonstrations(texts.heldOut(), tokenizer));
    int given = texts.training().size() + texts.heldOut().size();
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw InvalidInputException.of(
          "demonstrations of " + data.path(),
          training.size() + " to train on and " + heldOut.size() + " held out of " + given,
          "at least one of each");
    }
    String origin =
        String.format(
            Locale.ROOT,
            "%,d to train on, %,d held out, %,d left out; %s%s, loss on the responses",
            training.size(),
            heldOut.size(),
            given - training.size() - heldOut.size(),
            texts.format(),
            texts.duplicates());
    return new SftInputs(new ReferenceModel(directory), training, heldOut, origin);
  }

  private static SftInputs text(
      DataSettings data, ModelDirectory directory, Tokenizer tokenizer, int validation) {
    int end =
        tokenizer
            .idOf(END_OF_TEXT)
            .or(() -> directory.config().endToken().stream().boxed().findFirst())
            .orElseThrow(
                () ->
                    InvalidInputException.of(
                        "tokenizer of " + directory.path(),
                        "no end of text",
                        "the token " + END_OF_TEXT + ", or eos_token_id in config.json"));
    TextCorpus all = TextCorpus.of(data.path());
    TextCorpus.Parts parts = (data.found() == DataFormat.BOOKS ? all : all.verbatim()).parts();
    int context = directory.config().context();
    List<Demonstration> training = windows(parts.training(), tokenizer, end, context);
    List<Demonstration> heldOut =
        parts
            .heldOut()
            .map(corpus -> thinned(windows(corpus, tokenizer, end, context), validation))
            .orElseGet(() -> taken(training, validation));
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw InvalidInputException.of(
          "text in " + data.path(),
          training.size() + heldOut.size() + " windows of " + context + " tokens",
          "at least 2, so that one can be held out");
    }
    String origin =
        String.format(
            Locale.ROOT,
            "%,d windows of %d tokens to train on, %,d held out; plain text, loss on every token",
            training.size(),
            context,
            heldOut.size());
    return new SftInputs(new ReferenceModel(directory), training, heldOut, origin);
  }

  private static List<Demonstration> windows(
      TextCorpus corpus, Tokenizer tokenizer, int end, int context) {
    return new ArrayList<>(TokenStream.of(corpus, tokenizer, end).demonstrations(context));
  }

  private static List<Demonstration> thinned(List<Demonstration> all, int most) {
    int every = (all.size() + most - 1) / most;
    List<Demonstration> some = new ArrayList<>();
    for (int i = 0; i < all.size(); i += every) {
      some.add(all.get(i));
    }
    return some;
  }

  /** Moves some from {@code all} to the list that comes back. */
  private static List<Demonstration> taken(List<Demonstration> all, int most) {
    int every = Math.max(HELD_OUT_EVERY, (all.size() + most - 1) / most);
    List<Demonstration> kept = new ArrayList<>();
    List<Demonstration> taken = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      ((all.size() - 1 - i) % every == 0 ? taken : kept).add(all.get(i));
    }
    all.clear();
    all.addAll(kept);
    return taken;
  }
}
