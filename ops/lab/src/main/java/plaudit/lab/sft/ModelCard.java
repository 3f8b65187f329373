package plaudit.lab.sft;

import com.typesafe.config.Config;
import java.util.Locale;
import plaudit.language.RateSweep;

/** What a model was made from and how, as the README of its directory. */
final class ModelCard {

  private ModelCard() {}

  /**
   * The card in Markdown.
   *
   * @param untouched loss of the model it was made from, nats a token
   * @param sweep complete
   */
  static String of(
      Config config, SftSettings settings, SftInputs inputs, double untouched, RateSweep sweep) {
    StringBuilder card = new StringBuilder();
    line(card, "# %s", settings.out().toAbsolutePath().getFileName());
    line(card, "");
    line(card, "A language model fine-tuned on demonstrations with `plaudit sft`.");
    line(card, "");
    line(card, "| | |");
    line(card, "|---|---|");
    line(card, "| made from | %s |", inputs.reference().directory().path());
    line(card, "| parameters | %,d |", inputs.reference().config().parameters());
    line(card, "| data | %s: %s |", config.getString("plaudit.run.data"), inputs.origin());
    line(card, "| passes over the data | %d |", settings.training().epochs());
    line(card, "| demonstrations a step | %d |", settings.training().batch());
    line(card, "| dropout | %s |", settings.training().dropout());
    line(card, "| optimizer | Adam 0.9, 0.999, 1e-5; cosine to 0 |");
    line(card, "| seed | %d |", settings.training().seed());
    String preset = config.getString("plaudit.preset");
    line(card, "| task | %s |", preset.isEmpty() ? "none" : preset);
    line(card, "");
    line(card, "Mean nats a token on what was held out:");
    line(card, "");
    line(card, "| learning rate | loss | |");
    line(card, "|---|---|---|");
    line(card, "| untouched | %.4f | |", untouched);
    for (RateSweep.Result result : sweep.results()) {
      boolean chosen = sweep.best().filter(result::equals).isPresent();
      line(
          card,
          "| %.3g | %s | %s |",
          result.rate(),
          Double.isFinite(result.loss())
              ? String.format(Locale.ROOT, "%.4f", result.loss())
              : "diverged",
          chosen ? "chosen" : "");
    }
    line(card, "");
    line(card, "`metrics.jsonl` has the loss of every step.");
    return card.toString();
  }

  private static void line(StringBuilder card, String format, Object... args) {
    card.append(String.format(Locale.ROOT, format, args)).append('\n');
  }
}
