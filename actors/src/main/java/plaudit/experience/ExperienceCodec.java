package plaudit.experience;

import com.google.protobuf.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.ExperienceWire;

/** The fast loop's records and messages as protobuf, and back. */
public final class ExperienceCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public ExperienceCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        borrow(refs),
        leave(refs),
        left(),
        grant(),
        offer(refs),
        asked(refs),
        accepted(),
        superseded(),
        stale(),
        takeBatch(refs),
        batch(),
        pace(),
        checkpointed(),
        getStatus(refs),
        status());
  }

  private static WireRow<?, ?> borrow(Refs refs) {
    return new WireRow<>(
        "EB",
        ExperienceProtocol.Borrow.class,
        m ->
            ExperienceWire.Borrow.newBuilder()
                .setSampler(m.sampler())
                .setLoadedVersion(m.loadedVersion())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Borrow.parser(),
        w ->
            new ExperienceProtocol.Borrow(
                w.getSampler(), w.getLoadedVersion(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> leave(Refs refs) {
    return new WireRow<>(
        "EL",
        ExperienceProtocol.Leave.class,
        m ->
            ExperienceWire.Leave.newBuilder()
                .setSampler(refs.toWire(m.sampler()))
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Leave.parser(),
        w ->
            new ExperienceProtocol.Leave(
                refs.fromWire(w.getSampler()), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> left() {
    return new WireRow<>(
        "ELl",
        ExperienceProtocol.Left.class,
        m -> ExperienceWire.Left.newBuilder().setReturned(m.returned()).build(),
        ExperienceWire.Left.parser(),
        w -> new ExperienceProtocol.Left(w.getReturned()));
  }

  private static WireRow<?, ?> grant() {
    return new WireRow<>(
        "EG",
        ExperienceProtocol.Grant.class,
        m ->
            ExperienceWire.Grant.newBuilder()
                .setBatchId(m.batchId())
                .setPurpose(toWire(m.purpose()))
                .addAllPrompts(m.prompts().stream().map(ExperienceCodec::toWire).toList())
                .setResponses(m.responses())
                .setLeaseUntil(toWire(m.leaseUntil()))
                .build(),
        ExperienceWire.Grant.parser(),
        w ->
            new ExperienceProtocol.Grant(
                w.getBatchId(),
                fromWire(w.getPurpose()),
                w.getPromptsList().stream().map(ExperienceCodec::fromWire).toList(),
                w.getResponses(),
                fromWire(w.getLeaseUntil())));
  }

  private static WireRow<?, ?> offer(Refs refs) {
    return new WireRow<>(
        "EO",
        ExperienceProtocol.Offer.class,
        m ->
            ExperienceWire.Offer.newBuilder()
                .setBatchId(m.batchId())
                .addAllTrajectories(m.trajectories().stream().map(ExperienceCodec::toWire).toList())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Offer.parser(),
        w ->
            new ExperienceProtocol.Offer(
                w.getBatchId(),
                w.getTrajectoriesList().stream().map(ExperienceCodec::fromWire).toList(),
                refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> asked(Refs refs) {
    return new WireRow<>(
        "EQ",
        ExperienceProtocol.Asked.class,
        m ->
            ExperienceWire.Asked.newBuilder()
                .setBatchId(m.batchId())
                .setComparisons(m.comparisons())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.Asked.parser(),
        w ->
            new ExperienceProtocol.Asked(
                w.getBatchId(), w.getComparisons(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> accepted() {
    return new WireRow<>(
        "EOa",
        ExperienceProtocol.OfferReply.Accepted.class,
        m -> ExperienceWire.OfferAccepted.newBuilder().setBatchId(m.batchId()).build(),
        ExperienceWire.OfferAccepted.parser(),
        w -> new ExperienceProtocol.OfferReply.Accepted(w.getBatchId()));
  }

  private static WireRow<?, ?> superseded() {
    return new WireRow<>(
        "EOu",
        ExperienceProtocol.OfferReply.Superseded.class,
        m -> ExperienceWire.OfferSuperseded.newBuilder().setBatchId(m.batchId()).build(),
        ExperienceWire.OfferSuperseded.parser(),
        w -> new ExperienceProtocol.OfferReply.Superseded(w.getBatchId()));
  }

  private static WireRow<?, ?> stale() {
    return new WireRow<>(
        "EOs",
        ExperienceProtocol.OfferReply.Stale.class,
        m ->
            ExperienceWire.OfferStale.newBuilder()
                .setBatchId(m.batchId())
                .setCurrentVersion(m.currentVersion())
                .build(),
        ExperienceWire.OfferStale.parser(),
        w -> new ExperienceProtocol.OfferReply.Stale(w.getBatchId(), w.getCurrentVersion()));
  }

  private static WireRow<?, ?> takeBatch(Refs refs) {
    return new WireRow<>(
        "ET",
        ExperienceProtocol.TakeBatch.class,
        m ->
            ExperienceWire.TakeBatch.newBuilder()
                .setVersion(m.version())
                .setSize(m.size())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.TakeBatch.parser(),
        w ->
            new ExperienceProtocol.TakeBatch(
                w.getVersion(), w.getSize(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> batch() {
    return new WireRow<>(
        "ETb",
        ExperienceProtocol.Batch.class,
        m ->
            ExperienceWire.Batch.newBuilder()
                .setVersion(m.version())
                .addAllTrajectories(m.trajectories().stream().map(ExperienceCodec::toWire).toList())
                .build(),
        ExperienceWire.Batch.parser(),
        w ->
            new ExperienceProtocol.Batch(
                w.getVersion(),
                w.getTrajectoriesList().stream().map(ExperienceCodec::fromWire).toList()));
  }

  private static WireRow<?, ?> pace() {
    return new WireRow<>(
        "EP",
        ExperienceProtocol.Pace.class,
        m ->
            ExperienceWire.Pace.newBuilder()
                .setQuestions(m.questions())
                .setValidations(m.validations())
                .setEpisodes(m.episodes())
                .build(),
        ExperienceWire.Pace.parser(),
        w -> new ExperienceProtocol.Pace(w.getQuestions(), w.getValidations(), w.getEpisodes()));
  }

  private static WireRow<?, ?> checkpointed() {
    return new WireRow<>(
        "EC",
        ExperienceProtocol.Checkpointed.class,
        m -> ExperienceWire.Checkpointed.newBuilder().setVersion(m.version()).build(),
        ExperienceWire.Checkpointed.parser(),
        w -> new ExperienceProtocol.Checkpointed(w.getVersion()));
  }

  private static WireRow<?, ?> getStatus(Refs refs) {
    return new WireRow<>(
        "ES",
        ExperienceProtocol.GetStatus.class,
        m ->
            ExperienceWire.GetExperienceStatus.newBuilder()
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        ExperienceWire.GetExperienceStatus.parser(),
        w -> new ExperienceProtocol.GetStatus(refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> status() {
    return new WireRow<>(
        "ESs",
        ExperienceProtocol.Status.class,
        m ->
            ExperienceWire.ExperienceStatus.newBuilder()
                .setPolicyVersion(m.policyVersion())
                .setWaiting(m.waiting())
                .setLent(m.lent())
                .setAccepted(m.accepted())
                .setTaken(m.taken())
                .setDropped(m.dropped())
                .setQuestionsWanted(m.questionsWanted())
                .setSamplers(m.samplers())
                .build(),
        ExperienceWire.ExperienceStatus.parser(),
        w ->
            new ExperienceProtocol.Status(
                w.getPolicyVersion(),
                w.getWaiting(),
                w.getLent(),
                w.getAccepted(),
                w.getTaken(),
                w.getDropped(),
                w.getQuestionsWanted(),
                w.getSamplers()));
  }

  /** For messages of other packages that carry prompts. */
  public static ExperienceWire.Prompt toWire(Prompt prompt) {
    return ExperienceWire.Prompt.newBuilder()
        .setId(prompt.id())
        .addAllQuery(toWire(prompt.query()))
        .build();
  }

  /** The prompt behind {@code wire}. */
  public static Prompt fromWire(ExperienceWire.Prompt wire) {
    return new Prompt(wire.getId(), tokens(wire.getQueryList()));
  }

  /** For messages of other packages that carry rollouts. */
  public static ExperienceWire.Rollout toWire(Rollout rollout) {
    ExperienceWire.Rollout.Builder wire =
        ExperienceWire.Rollout.newBuilder()
            .setPromptId(rollout.promptId())
            .setIndex(rollout.index())
            .addAllQuery(toWire(rollout.query()))
            .addAllResponse(toWire(rollout.response()))
            .addAllLogprobs(toWire(rollout.logprobs()))
            .addAllValues(toWire(rollout.values()))
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
        tokens(wire.getQueryList()),
        tokens(wire.getResponseList()),
        perToken(wire.getLogprobsList()),
        perToken(wire.getValuesList()),
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
        .addAllRefLogprobs(toWire(trajectory.refLogprobs()))
        .setScore(trajectory.score())
        .setValid(trajectory.valid())
        .setRewardVersion(trajectory.rewardVersion())
        .build();
  }

  /** The trajectory behind {@code wire}. */
  public static Trajectory fromWire(ExperienceWire.Trajectory wire) {
    return new Trajectory(
        fromWire(wire.getRollout()),
        perToken(wire.getRefLogprobsList()),
        wire.getScore(),
        wire.getValid(),
        wire.getRewardVersion());
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

  /** The ids as protobuf takes them in. */
  public static Iterable<Integer> toWire(Tokens tokens) {
    return Arrays.stream(tokens.toArray()).boxed().toList();
  }

  /** The tokens behind a packed field. */
  public static Tokens tokens(List<Integer> wire) {
    return Tokens.of(wire.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The numbers as protobuf takes them in. */
  public static Iterable<Float> toWire(PerToken numbers) {
    List<Float> boxed = new ArrayList<>(numbers.length());
    for (float number : numbers.toArray()) {
      boxed.add(number);
    }
    return boxed;
  }

  /** The numbers behind a packed field. */
  public static PerToken perToken(List<Float> wire) {
    float[] numbers = new float[wire.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = wire.get(i);
    }
    return PerToken.of(numbers);
  }
}
