package plaudit.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import plaudit.model.ModelConfig.SpecialTokens;

/**
 * The frozen language model a run starts from, with a zero scalar head (paper 3.3), or that of
 * another trainer which lies beside it ({@link #valueHead}): policy version 0, the model that KL is
 * measured from, and what each reward model begins as.
 *
 * <p>What is in use is a copy: files that change meanwhile change nothing, and are not read again.
 *
 * @param directory where it comes from
 */
public record ReferenceModel(ModelDirectory directory) {

  /** The architecture. */
  public ModelConfig config() {
    return directory.config();
  }

  /**
   * What the value head of another trainer is called, if there is one: {@code v_head.summary} of
   * TRL, {@code score} of transformers' classifiers.
   */
  public Optional<String> valueHead() {
    return RewardDirectory.headOfAnother(directory);
  }

  /** One tensor as little-endian F32. */
  public ByteBuffer tensor(TensorSpec spec) {
    if (!ScalarHead.VALUE.owns(spec)) {
      return directory.weight(spec);
    }
    String part = spec.name().substring(spec.name().indexOf('.'));
    return valueHead()
        .flatMap(head -> directory.extra(head + part))
        .filter(extra -> extra.spec().shape().equals(spec.shape()))
        .map(ModelDirectory.Extra::data)
        .orElseGet(
            () ->
                ByteBuffer.allocateDirect(Math.toIntExact(4 * spec.size()))
                    .order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A copy that a learner may change. */
  public Weights trainable(Compute compute) {
    return Weights.read(specs(), this::tensor, true, compute);
  }

  /** The weights as they are. */
  public Weights frozen(Compute compute) {
    return Weights.copy(specs(), this::tensor, compute);
  }

  /** A net that samples and scores; the caller closes it. */
  public TorchNet net(Compute compute) {
    return TorchNet.of(config(), frozen(compute), compute);
  }

  /**
   * The same, but ids without a token have their share of every probability: as other programs
   * measure a model.
   */
  public TorchNet wholeVocabulary(Compute compute) {
    SpecialTokens tokens = config().tokens();
    ModelConfig whole = config().with(new SpecialTokens(tokens.begin(), tokens.ends(), List.of()));
    return TorchNet.of(whole, frozen(compute), compute);
  }

  private List<TensorSpec> specs() {
    return ScalarHead.VALUE.appendTo(Layout.of(config()));
  }
}
