package plaudit.optim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import plaudit.model.DecoderScript;
import plaudit.model.ModelConfig;
import plaudit.model.Products;

/**
 * The losses of a kind of training, as TorchScript text in a resource beside this class. Each
 * method takes arrays and then the network's weights, and its first result is what is
 * differentiated.
 */
public enum Losses {
  /** {@code ppo_loss}, {@code value_loss}, {@code dpo_loss} (paper 3.7). */
  POLICY("ppo.py"),

  /** {@code best_of_n_loss} and the other losses of a reward model (paper 1.2). */
  REWARD("reward.py"),

  /** {@code lm_loss}: every next token of a text. */
  LANGUAGE("language.py"),

  /** {@code answer_loss}: the responses of demonstrations (paper 1.5); alone knows dropout. */
  SUPERVISED("supervised.py");

  private final String resource;

  Losses(String resource) {
    this.resource = resource;
  }

  /** The program of one architecture: the forward pass, then these losses. */
  public String over(ModelConfig config, Products products) {
    String dropout = this == SUPERVISED ? DecoderScript.withDropout(config, products) : "";
    return DecoderScript.of(config, products) + dropout + text(resource);
  }

  /** The methods of a resource beside this class. */
  static String text(String resource) {
    try (InputStream in = Losses.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).indent(2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
