package plaudit.language;

import java.util.List;
import java.util.stream.Stream;
import plaudit.model.TokenBatch;

/**
 * What a language model is trained on, cut into optimizer steps, and how fast it learns from it.
 */
public interface LanguageData {

  /** Optimizer steps of the whole training. */
  long steps();

  /** The learning rate of a step, from 0. */
  double rate(long step);

  /** The highest learning rate. */
  double highestRate();

  /** Of what is drawn at random. */
  long seed();

  /** A step, from 0; steps are asked for in their order. */
  List<Part> step(long step);

  /**
   * Tokens of one forward pass and, in training, one backward pass.
   *
   * @param loss the loss in nats, a method of the net's program
   * @param tokens its arguments: what is read, and what of it is learned if that is not all
   * @param scale brings the loss of the part to its share of the step's loss
   * @param parameters further numbers the loss is given, the scale first; none for a measurement
   */
  record Part(String loss, List<TokenBatch> tokens, double scale, float... parameters) {

    /** How many tokens it reads, without padding. */
    long length() {
      TokenBatch read = tokens.get(0);
      long length = 0;
      for (long id : read.ids()) {
        length += id == TokenBatch.PAD ? 0 : 1;
      }
      return length;
    }
  }

  /**
   * What a model is measured on: the sum of the parts' losses by a divisor is the mean in nats a
   * token.
   */
  record Measurement(Stream<Part> parts, double divisor) {}
}
