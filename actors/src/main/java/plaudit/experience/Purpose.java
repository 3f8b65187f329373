package plaudit.experience;

/** What a lent prompt is for. */
public enum Purpose {
  /**
   * One response a prompt, or a group of them, scored by the reward model: food of the policy
   * learner.
   */
  POLICY,
  /** Several responses a prompt, put to people: food of the reward learner. */
  QUESTION
}
