package plaudit.experience;

/**
 * How labels and policy work keep pace (paper 1.4). All three count from the start of the run, so
 * that a message that is late, lost or sent twice does no harm.
 *
 * @param questions comparisons to have asked, validation apart
 * @param validations validation comparisons to have asked
 * @param episodes trajectories that may be begun with the labels that are there
 */
public record Pace(long questions, long validations, long episodes) {

  /** Episodes without a bound, where labels are enough but a reward model is still needed. */
  public static final long ALL_EPISODES = Long.MAX_VALUE - 1;

  /**
   * Nothing is asked and policy work waits neither for labels nor for a reward model: a run without
   * people, whose scores come from elsewhere. No schedule of labels gives it.
   */
  public static final Pace FREE = new Pace(0, 0, Long.MAX_VALUE);

  /**
   * Before the reward learner's first message. Nothing may begin: a buffer that starts again in the
   * middle of a run does not know how far the labels reach.
   */
  public static final Pace NONE_YET = new Pace(0, 0, 0);
}
