package plaudit.reward;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import plaudit.input.InvalidInputException;
import plaudit.optim.AdamSettings;
import plaudit.optim.Schedule;
import plaudit.reward.LabelSchedule.CollectionMode;

/**
 * Settings of the reward learner: {@code plaudit.reward} in reference.conf, where each number has
 * its unit and reason.
 *
 * @param batch comparisons an optimizer step learns from
 * @param epochs passes over the labels of one training
 * @param attempts trainings of one version at most, while the model is in {@linkplain
 *     plaudit.training.TrainingObserver.RewardReport#doubt doubt}
 * @param loss what is minimised
 * @param centering weight of the squared sum of a row's rewards, which keeps them near 0
 *     (Eisenstein et al. 2023, for pairs); 0 for none
 * @param learningRate the highest learning rate
 * @param shape how the learning rate falls within a training
 * @param adam the optimizer's constants
 * @param normaliseSamples reference responses that set the scale
 * @param normaliseBefore whether the scale is set before a training too
 * @param heldOutShare share of comparisons that only measure the model
 * @param validationShare share of the labels after the start that set reference against policy
 * @param labels how many labels, by when
 */
public record RewardSettings(
    int batch,
    int epochs,
    int attempts,
    RewardLoss loss,
    double centering,
    double learningRate,
    Schedule.Shape shape,
    AdamSettings adam,
    int normaliseSamples,
    boolean normaliseBefore,
    double heldOutShare,
    double validationShare,
    Labels labels) {

  private static final String PATH = "plaudit.reward";

  /**
   * How many labels, by when.
   *
   * @param beforeStart before the policy's first episode
   * @param total at its last
   * @param outstanding comparisons to keep with people
   * @param retrainings trainings after the first
   * @param divisions steps into which the labels after the first are cut
   * @param collection whether people are asked all the time or in rounds
   * @param waitForTraining whether the policy waits while a training is due
   * @param train labels that train exactly in a run that trains once, after so many or more; 0 for
   *     all that are not held out by their share
   */
  public record Labels(
      int beforeStart,
      int total,
      int outstanding,
      int retrainings,
      int divisions,
      CollectionMode collection,
      boolean waitForTraining,
      int train) {
    public Labels {
      require(beforeStart >= 1, "labels.before-start", beforeStart, ">= 1");
      require(total >= beforeStart, "labels.total", total, ">= before-start of " + beforeStart);
      require(outstanding >= 1, "labels.outstanding", outstanding, ">= 1");
      require(retrainings >= 0, "labels.retrainings", retrainings, ">= 0");
      require(
          divisions >= 1 && divisions >= retrainings,
          "labels.divisions",
          divisions,
          ">= 1 and >= retrainings of " + retrainings);
      require(train >= 0, "labels.train", train, ">= 0");
    }
  }

  public RewardSettings {
    require(batch >= 1, "batch", batch, ">= 1");
    require(epochs >= 1, "epochs", epochs, ">= 1");
    require(attempts >= 1, "attempts", attempts, ">= 1");
    require(centering >= 0 && Double.isFinite(centering), "centering", centering, ">= 0");
    require(
        centering == 0 || loss != RewardLoss.RATING,
        "centering",
        centering,
        "0 with loss = rating, whose scores have a level of their own");
    require(
        learningRate > 0 && Double.isFinite(learningRate), "learning-rate", learningRate, "> 0");
    require(normaliseSamples >= 2, "normalise.samples", normaliseSamples, ">= 2");
    require(heldOutShare >= 0 && heldOutShare < 1, "held-out-share", heldOutShare, ">= 0 and < 1");
    require(
        validationShare >= 0 && validationShare <= 1,
        "validation-share",
        validationShare,
        ">= 0 and <= 1");
  }

  /** Reads {@code plaudit.reward} of the whole configuration. */
  public static RewardSettings from(Config root) {
    try {
      return read(root);
    } catch (ConfigException e) {
      throw new InvalidInputException(String.valueOf(e.getMessage()), e);
    }
  }

  private static RewardSettings read(Config root) {
    String shape = root.getString(key("schedule"));
    String collection = root.getString(key("labels.collection"));
    return new RewardSettings(
        root.getInt(key("batch")),
        root.getInt(key("epochs")),
        root.getInt(key("attempts")),
        loss(root),
        root.getDouble(key("centering")),
        root.getDouble(key("learning-rate")),
        Schedule.Shape.named(shape)
            .orElseThrow(
                () ->
                    InvalidInputException.of(key("schedule"), shape, "linear, cosine or constant")),
        AdamSettings.from(root, key("adam")),
        root.getInt(key("normalise.samples")),
        root.getBoolean(key("normalise.before")),
        root.getDouble(key("held-out-share")),
        root.getDouble(key("validation-share")),
        new Labels(
            root.getInt(key("labels.before-start")),
            root.getInt(key("labels.total")),
            root.getInt(key("labels.outstanding")),
            root.getInt(key("labels.retrainings")),
            root.getInt(key("labels.divisions")),
            CollectionMode.named(collection)
                .orElseThrow(
                    () ->
                        InvalidInputException.of(
                            key("labels.collection"), collection, "continuous or batched")),
            root.getBoolean(key("labels.wait-for-training")),
            root.getInt(key("labels.train"))));
  }

  private static RewardLoss loss(Config root) {
    String loss = root.getString(key("loss"));
    return RewardLoss.named(loss)
        .orElseThrow(
            () ->
                InvalidInputException.of(
                    key("loss"), loss, "best-of-n, pairwise, rating or compare"));
  }

  /** These, if they can learn from choices, which is all that people give in a run. */
  public RewardSettings forChoices() {
    require(
        loss.ofChoices(),
        "loss",
        loss.configName(),
        "best-of-n or pairwise: people choose in a run");
    return this;
  }

  /**
   * The pace of labels in a run.
   *
   * @param episodes of the policy in the whole run
   * @param perUpdate episodes of one update
   */
  public LabelSchedule labelSchedule(long episodes, int perUpdate) {
    return new LabelSchedule(
        episodes,
        perUpdate,
        labels.beforeStart(),
        labels.total(),
        labels.outstanding(),
        labels.retrainings(),
        labels.divisions(),
        validationShare,
        labels.collection(),
        labels.waitForTraining());
  }

  /** The learning rate within one training, by position of a step's first label. */
  public Schedule schedule(long labelsToPass) {
    return new Schedule(shape, learningRate, 0, labelsToPass);
  }

  /**
   * Which labels train and which measure. A number of them trains exactly in a run that trains
   * once; with retrainings a label could come to the other side.
   */
  public LabelSplit split() {
    boolean once = labels.retrainings() == 0 && labels.train() <= labels.beforeStart();
    return new LabelSplit(heldOutShare, once ? labels.train() : 0);
  }

  private static void require(boolean met, String name, Object value, String expected) {
    if (!met) {
      throw InvalidInputException.of(key(name), value, expected);
    }
  }

  private static String key(String name) {
    return PATH + "." + name;
  }
}
