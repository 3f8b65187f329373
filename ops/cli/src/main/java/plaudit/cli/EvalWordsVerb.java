package plaudit.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plaudit.data.TextCorpus;
import plaudit.eval.Passage;
import plaudit.eval.measure.KnownWords;
import plaudit.eval.report.Table;
import plaudit.eval.texts.QueryResponse;
import plaudit.input.InvalidInputException;

/** {@code eval words}: which of a model's words exist. */
@Command(
    name = "words",
    description = "What share of the words that a model writes occurs in a corpus.",
    footer = {
      "",
      "Capitals do not count. The last word of a response, which its length cuts, and a",
      "first that goes on with the query's last are passed over.",
      "",
      "  plaudit eval words --texts DIR --prompts heldout.txt --draws 10 --corpus books"
    })
public final class EvalWordsVerb extends ResultVerb {

  private static final int NAMED = 10;

  @Option(
      names = "--texts",
      required = true,
      paramLabel = "PATH",
      description =
          "A model directory, which answers --prompts, or a .jsonl file with a query and a response"
              + " on each line.")
  private Path texts;

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "PATH",
      description = "Text whose words exist: a .txt, .md, .gz or .zip file, or a folder of these.")
  private Path corpus;

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = "What a model answers: .txt, .jsonl or .json.")
  private @Nullable Path prompts;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "1",
      description = "Answers of a model to each prompt (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Mixin private WritingOptions options;

  @Override
  public Integer call() {
    if (draws < 1) {
      throw InvalidInputException.of("--draws", draws, ">= 1");
    }
    if (!Files.isDirectory(texts) && (prompts != null || draws > 1)) {
      throw InvalidInputException.of(
          "--texts with --prompts or --draws", texts, "a model directory, which writes");
    }
    KnownWords known = new KnownWords(TextCorpus.of(corpus));
    List<List<QueryResponse>> responses =
        options.texts(texts, prompts, draws, this).stream()
            .map(own -> own.stream().map(Passage::answer).toList())
            .toList();
    KnownWords.Share share = known.of(responses, options.seed());
    print(share, () -> tell(known, share));
    return 0;
  }

  private void tell(KnownWords known, KnownWords.Share share) {
    new Table.Facts()
        .add("different words of the corpus", known.size())
        .add("responses", share.responses())
        .add("words in them", share.words())
        .add("words the corpus has %", Table.percent(share.share()))
        .add(
            "most frequent others",
            share.unknown().isEmpty()
                ? "none"
                : share.unknown().stream()
                    .limit(NAMED)
                    .map(count -> count.word() + " " + count.times())
                    .collect(Collectors.joining(", ")))
        .print(out());
  }
}
