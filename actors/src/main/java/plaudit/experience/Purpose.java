package plaudit.experience;

/** What a lent prompt is for. */
public enum Purpose {
  /**
   * One response to a prompt, or a group of them, scored by the reward model, for the policy
   * learner.
   */
  POLICY,
  /** Several responses to a prompt, compared by a person, for the reward learner. */
  QUESTION,
  /**
   * As a question, but half of the responses are the reference's (paper 1.4): it measures how often
   * people prefer the policy, and is training data of the reward learner too.
   */
  VALIDATION;

  /** Whether people are to judge the responses. */
  public boolean isForPeople() {
    return this != POLICY;
  }
}
