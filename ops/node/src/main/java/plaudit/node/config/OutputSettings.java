package plaudit.node.config;

import com.typesafe.config.Config;
import plaudit.input.InvalidInputException;
import plaudit.model.Dtype;
import plaudit.model.ModelDirectory.Storage;

/**
 * How the tuned model is written: {@code plaudit.run.output}.
 *
 * @param storage of its weights
 * @param licence its model card names; empty for the base model's
 */
public record OutputSettings(Storage storage, String licence) {

  private static final String ROOT = "plaudit.run.output.";

  /** Reads {@code plaudit.run.output} of the whole configuration. */
  public static OutputSettings from(Config config) {
    String name = config.getString(ROOT + "dtype");
    Dtype dtype =
        switch (name) {
          case "f32" -> Dtype.F32;
          case "f16" -> Dtype.F16;
          case "bf16" -> Dtype.BF16;
          default -> throw InvalidInputException.of(ROOT + "dtype", name, "f32, f16 or bf16");
        };
    String licence = config.getString(ROOT + "licence").strip();
    if (!licence.matches("[\\w.+-]*")) {
      throw InvalidInputException.of(ROOT + "licence", licence, "an identifier like apache-2.0");
    }
    return new OutputSettings(
        new Storage(dtype, config.getBytes(ROOT + "shard-size"), true), licence);
  }
}
