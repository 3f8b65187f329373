package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The frozen language model a run starts from, with a zero scalar head (paper 3.3): policy version
 * 0, the model that KL is measured from, and what each reward model begins as.
 *
 * @param directory where it comes from
 */
public record ReferenceModel(ModelDirectory directory) {

  /** The architecture. */
  public ModelConfig config() {
    return directory.config();
  }

  /** One tensor as little-endian F32; zeros for the scalar head. */
  public ByteBuffer tensor(TensorSpec spec) {
    if (ScalarHead.VALUE.owns(spec)) {
      return ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
          .order(ByteOrder.LITTLE_ENDIAN);
    }
    return directory.weight(spec);
  }

  /** A copy that a learner may change. */
  public Weights trainable(Compute compute) {
    return Weights.read(specs(), this::tensor, true, compute);
  }

  /** The weights as they are, a view of the mapped file where it holds F32: no copy. */
  public Weights frozen(Compute compute) {
    return Weights.read(specs(), this::tensor, false, compute);
  }

  /** A net that samples and scores; the caller closes it. */
  public TorchNet net(Compute compute) {
    return TorchNet.of(config(), frozen(compute), compute);
  }

  private List<TensorSpec> specs() {
    return ScalarHead.VALUE.appendTo(Gpt2Layout.of(config()));
  }
}
