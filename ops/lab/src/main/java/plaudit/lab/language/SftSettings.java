package plaudit.lab.language;

import com.typesafe.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import plaudit.input.InvalidInputException;
import plaudit.language.Demonstrations;
import plaudit.language.RateSweep;
import plaudit.model.Compute;
import plaudit.model.Precision;

/**
 * Settings of a supervised job beside its task and data: {@code plaudit.sft} in reference.conf,
 * where each number has its unit and reason.
 *
 * @param out where the model goes
 * @param loss what is learned
 * @param training batch, epochs, dropout
 * @param sweep the rates to try
 * @param validation demonstrations at most that measure
 * @param saveEvery time between two checkpoints
 * @param compute where it trains
 */
record SftSettings(
    Path out,
    Loss loss,
    Demonstrations.Settings training,
    RateSweep sweep,
    int validation,
    Duration saveEvery,
    Compute compute) {

  /** What is learned. */
  enum Loss {
    /** Responses where the data has some, else the whole text. */
    AUTO,
    /** Responses, given their queries. */
    RESPONSES,
    /** Every token of plain text. */
    TEXT
  }

  static SftSettings from(Config config) {
    Config own = config.getConfig("plaudit.sft");
    int count = own.getInt("sweep.count");
    int validation = own.getInt("validation");
    if (validation < 1) {
      throw InvalidInputException.of("plaudit.sft.validation", validation, ">= 1");
    }
    return new SftSettings(
        out(own.getString("out")),
        loss(own.getString("loss")),
        new Demonstrations.Settings(
            own.getInt("epochs"),
            own.getInt("batch"),
            own.getInt("micro-batch"),
            own.getDouble("dropout"),
            config.getLong("plaudit.run.seed")),
        count == 1
            ? RateSweep.of(own.getDouble("learning-rate"))
            : RateSweep.between(
                own.getDouble("sweep.lowest"), own.getDouble("sweep.highest"), count),
        validation,
        own.getDuration("save-every"),
        new Compute(
            own.getString("device"),
            own.getInt("threads"),
            Precision.of("plaudit.sft.precision", own.getString("precision"))));
  }

  /** Refuses to write over what is there. */
  void requireFreeOut() {
    if (Files.exists(out)) {
      throw InvalidInputException.of("--out", out, "a directory that does not exist yet");
    }
  }

  private static Path out(String text) {
    if (text.isEmpty()) {
      throw InvalidInputException.of("plaudit.sft.out", "not set", "a path");
    }
    return Path.of(text);
  }

  private static Loss loss(String name) {
    for (Loss loss : Loss.values()) {
      if (loss.name().equals(name.toUpperCase(Locale.ROOT))) {
        return loss;
      }
    }
    throw InvalidInputException.of("plaudit.sft.loss", name, "auto, responses or text");
  }
}
