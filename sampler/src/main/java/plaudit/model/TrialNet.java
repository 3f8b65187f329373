package plaudit.model;

import java.util.List;
import plaudit.model.CausalNet.ResponseScores;
import plaudit.tokens.Tokens;

/**
 * Weights on trial: what a net would say if it had them, while the net itself computes elsewhere
 * with others. Not safe for several threads at once, but beside other nets.
 */
public final class TrialNet implements AutoCloseable {

  private final TorchProgram program;

  private TrialNet(TorchProgram program) {
    this.program = program;
  }

  /** Compiles the architecture. */
  public static TrialNet of(ModelConfig config, Compute compute) {
    return new TrialNet(DecoderScript.program(config, compute));
  }

  /** As {@link CausalNet#score}, with {@code weights}, which stay the caller's. */
  public ResponseScores score(
      Weights weights, List<Tokens> queries, List<Tokens> responses, float temperature) {
    try {
      return TorchNet.score(program, weights, queries, responses, temperature);
    } finally {
      program.unbind();
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
