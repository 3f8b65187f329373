package plaudit.experience;

/** What a lent prompt is for. */
public enum Purpose {
  /**
   * One response a prompt, or a group of them, scored by the reward model: food of the policy
   * learner.
   */
  POLICY,
  /** Several responses a prompt, put to people: food of the reward learner. */
  QUESTION,
  /**
   * As a question, but half of the responses are the reference's (paper 1.4): tells how often
   * people prefer the policy, and is food of the reward learner too.
   */
  VALIDATION;

  /** Whether people are to judge the responses. */
  public boolean isForPeople() {
    return this != POLICY;
  }
}
