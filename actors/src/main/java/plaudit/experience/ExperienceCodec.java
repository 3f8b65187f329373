package plaudit.experience;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.List;
import plaudit.tokens.TokenVersions;
import plaudit.tokens.TokensCodec;
import plaudit.wire.v1.ExperienceWire;

/** The fast loop's records as protobuf, and back, for all messages and journals that carry them. */
public final class ExperienceCodec {

  private ExperienceCodec() {}

  /** For messages of other packages that carry prompts. */
  public static ExperienceWire.Prompt toWire(Prompt prompt) {
    return ExperienceWire.Prompt.newBuilder()
        .setId(prompt.id())
        .addAllQuery(TokensCodec.toWire(prompt.query()))
        .build();
  }

  /** The prompt behind {@code wire}. */
  public static Prompt fromWire(ExperienceWire.Prompt wire) {
    return new Prompt(wire.getId(), TokensCodec.tokens(wire.getQueryList()));
  }

  /** For messages of other packages that carry rollouts. */
  public static ExperienceWire.Rollout toWire(Rollout rollout) {
    ExperienceWire.Rollout.Builder wire =
        ExperienceWire.Rollout.newBuilder()
            .setPromptId(rollout.promptId())
            .setIndex(rollout.index())
            .addAllQuery(TokensCodec.toWire(rollout.query()))
            .addAllResponse(TokensCodec.toWire(rollout.response()))
            .addAllLogprobs(TokensCodec.toWire(rollout.logprobs()))
            .addAllValues(TokensCodec.toWire(rollout.values()))
            .setPolicyVersion(rollout.policyVersion());
    if (rollout.versions().isMixed()) {
      rollout.versions().runs().forEach(run -> wire.addVersions(toWire(run)));
    }
    return wire.build();
  }

  private static ExperienceWire.VersionRun toWire(TokenVersions.Run run) {
    return ExperienceWire.VersionRun.newBuilder()
        .setVersion(run.version())
        .setCount(run.count())
        .build();
  }

  /** The rollout behind {@code wire}; without a version for each token, one wrote them all. */
  public static Rollout fromWire(ExperienceWire.Rollout wire) {
    return new Rollout(
        wire.getPromptId(),
        wire.getIndex(),
        TokensCodec.tokens(wire.getQueryList()),
        TokensCodec.tokens(wire.getResponseList()),
        TokensCodec.perToken(wire.getLogprobsList()),
        TokensCodec.perToken(wire.getValuesList()),
        wire.getVersionsCount() == 0
            ? TokenVersions.of(wire.getPolicyVersion(), Math.max(1, wire.getResponseCount()))
            : new TokenVersions(
                wire.getVersionsList().stream()
                    .map(run -> new TokenVersions.Run(run.getVersion(), run.getCount()))
                    .toList()));
  }

  /** For messages of other packages that carry trajectories. */
  public static ExperienceWire.Trajectory toWire(Trajectory trajectory) {
    return ExperienceWire.Trajectory.newBuilder()
        .setRollout(toWire(trajectory.rollout()))
        .addAllRefLogprobs(TokensCodec.toWire(trajectory.refLogprobs()))
        .setScore(trajectory.score())
        .setValid(trajectory.valid())
        .setRewardVersion(trajectory.rewardVersion())
        .build();
  }

  /** The trajectory behind {@code wire}. */
  public static Trajectory fromWire(ExperienceWire.Trajectory wire) {
    return new Trajectory(
        fromWire(wire.getRollout()),
        TokensCodec.perToken(wire.getRefLogprobsList()),
        wire.getScore(),
        wire.getValid(),
        wire.getRewardVersion());
  }

  /** For messages and records of other packages that carry grants. */
  public static ExperienceWire.Grant toWire(Grant grant) {
    return ExperienceWire.Grant.newBuilder()
        .setBatchId(grant.batchId())
        .setPurpose(toWire(grant.purpose()))
        .addAllPrompts(prompts(grant.prompts()))
        .setResponses(grant.responses())
        .setLeaseUntil(toWire(grant.leaseUntil()))
        .build();
  }

  /** The grant behind {@code wire}. */
  public static Grant fromWire(ExperienceWire.Grant wire) {
    return new Grant(
        wire.getBatchId(),
        fromWire(wire.getPurpose()),
        fromPrompts(wire.getPromptsList()),
        wire.getResponses(),
        fromWire(wire.getLeaseUntil()));
  }

  /** For messages and records of other packages that carry batches. */
  public static ExperienceWire.Batch toWire(Batch batch) {
    return ExperienceWire.Batch.newBuilder()
        .setVersion(batch.version())
        .addAllTrajectories(trajectories(batch.trajectories()))
        .build();
  }

  /** The batch behind {@code wire}. */
  public static Batch fromWire(ExperienceWire.Batch wire) {
    return new Batch(wire.getVersion(), fromTrajectories(wire.getTrajectoriesList()));
  }

  /** For messages and records of other packages that carry a pace. */
  public static ExperienceWire.Pace toWire(Pace pace) {
    return ExperienceWire.Pace.newBuilder()
        .setQuestions(pace.questions())
        .setValidations(pace.validations())
        .setEpisodes(pace.episodes())
        .build();
  }

  /** The pace behind {@code wire}. */
  public static Pace fromWire(ExperienceWire.Pace wire) {
    return new Pace(wire.getQuestions(), wire.getValidations(), wire.getEpisodes());
  }

  /** Prompts in their order. */
  public static List<ExperienceWire.Prompt> prompts(List<Prompt> prompts) {
    return prompts.stream().map(ExperienceCodec::toWire).toList();
  }

  /** The prompts behind a repeated field. */
  public static List<Prompt> fromPrompts(List<ExperienceWire.Prompt> wire) {
    return wire.stream().map(ExperienceCodec::fromWire).toList();
  }

  /** Trajectories in their order. */
  public static List<ExperienceWire.Trajectory> trajectories(List<Trajectory> trajectories) {
    return trajectories.stream().map(ExperienceCodec::toWire).toList();
  }

  /** The trajectories behind a repeated field. */
  public static List<Trajectory> fromTrajectories(List<ExperienceWire.Trajectory> wire) {
    return wire.stream().map(ExperienceCodec::fromWire).toList();
  }

  /** The purpose on the wire. */
  public static ExperienceWire.Purpose toWire(Purpose purpose) {
    return switch (purpose) {
      case POLICY -> ExperienceWire.Purpose.PURPOSE_POLICY;
      case QUESTION -> ExperienceWire.Purpose.PURPOSE_QUESTION;
      case VALIDATION -> ExperienceWire.Purpose.PURPOSE_VALIDATION;
    };
  }

  /** The purpose behind {@code wire}. */
  public static Purpose fromWire(ExperienceWire.Purpose wire) {
    return switch (wire) {
      case PURPOSE_POLICY -> Purpose.POLICY;
      case PURPOSE_QUESTION -> Purpose.QUESTION;
      case PURPOSE_VALIDATION -> Purpose.VALIDATION;
      case PURPOSE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "purpose: " + wire + " (expected: one this version knows)");
    };
  }

  /** The moment on the wire, to the nanosecond. */
  public static Timestamp toWire(Instant moment) {
    return Timestamp.newBuilder()
        .setSeconds(moment.getEpochSecond())
        .setNanos(moment.getNano())
        .build();
  }

  /** The moment behind {@code wire}. */
  public static Instant fromWire(Timestamp wire) {
    return Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos());
  }
}
