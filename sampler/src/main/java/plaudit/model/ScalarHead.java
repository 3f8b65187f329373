package plaudit.model;

import java.util.ArrayList;
import java.util.List;

/** The scalar head beside the language-model head: its tensors' names and where they stand. */
public enum ScalarHead {
  /** The policy's value estimate (paper 3.3: starts at zero). */
  VALUE("value_head"),
  /** The reward model's score (paper 3.3: weight normal with deviation 1/sqrt(d + 1)). */
  REWARD("reward_head");

  private final String prefix;

  ScalarHead(String prefix) {
    this.prefix = prefix;
  }

  /** The layout with this head's weight {@code [1, d]} and bias {@code [1]} at the end. */
  public List<TensorSpec> appendTo(List<TensorSpec> layout) {
    long width = layout.get(0).dims()[1];
    List<TensorSpec> all = new ArrayList<>(layout);
    all.add(TensorSpec.of(weightName(), 1, width));
    all.add(TensorSpec.of(biasName(), 1));
    return List.copyOf(all);
  }

  /** Whether a tensor is part of this head. */
  public boolean owns(TensorSpec spec) {
    return spec.name().startsWith(prefix + ".");
  }

  /** The name of the weight in model files. */
  public String weightName() {
    return prefix + ".weight";
  }

  /** The name of the bias in model files. */
  public String biasName() {
    return prefix + ".bias";
  }
}
