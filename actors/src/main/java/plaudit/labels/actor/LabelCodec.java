package plaudit.labels.actor;

import static plaudit.tokens.TokensCodec.tokens;

import java.util.List;
import java.util.Optional;
import plaudit.experience.ExperienceCodec;
import plaudit.labels.Choice;
import plaudit.labels.Comparison;
import plaudit.labels.Judgment;
import plaudit.labels.Label;
import plaudit.tokens.TokensCodec;
import plaudit.wire.Refs;
import plaudit.wire.WireCodec;
import plaudit.wire.WireRow;
import plaudit.wire.v1.LabelWire;

/** The slow loop's records and messages as protobuf, and back. */
public final class LabelCodec implements WireCodec {

  /** Named in {@code plaudit.wire.codecs}. */
  public LabelCodec() {}

  @Override
  public List<WireRow<?, ?>> rows(Refs refs) {
    return List.of(
        ask(refs),
        stored(),
        failed(),
        takeLabels(refs),
        labels(),
        begin(refs),
        begun(),
        asked(),
        getLine(refs),
        line(),
        getStatus(refs),
        status());
  }

  private static WireRow<?, ?> ask(Refs refs) {
    return new WireRow<>(
        "LA",
        LabelStore.Ask.class,
        m ->
            LabelWire.Ask.newBuilder()
                .addAllComparisons(m.comparisons().stream().map(LabelCodec::toWire).toList())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        LabelWire.Ask.parser(),
        w ->
            new LabelStore.Ask(
                w.getComparisonsList().stream().map(LabelCodec::fromWire).toList(),
                refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> stored() {
    return new WireRow<>(
        "LAs",
        LabelStore.AskReply.Stored.class,
        m -> LabelWire.AskStored.newBuilder().setComparisons(m.comparisons()).build(),
        LabelWire.AskStored.parser(),
        w -> new LabelStore.AskReply.Stored(w.getComparisons()));
  }

  private static WireRow<?, ?> failed() {
    return new WireRow<>(
        "LAf",
        LabelStore.AskReply.Failed.class,
        m -> LabelWire.AskFailed.newBuilder().setReason(m.reason()).build(),
        LabelWire.AskFailed.parser(),
        w -> new LabelStore.AskReply.Failed(w.getReason()));
  }

  private static WireRow<?, ?> takeLabels(Refs refs) {
    return new WireRow<>(
        "LT",
        LabelStore.TakeLabels.class,
        m ->
            LabelWire.TakeLabels.newBuilder()
                .setAfter(m.after())
                .setLimit(m.limit())
                .setReplyTo(refs.toWire(m.replyTo()))
                .build(),
        LabelWire.TakeLabels.parser(),
        w -> new LabelStore.TakeLabels(w.getAfter(), w.getLimit(), refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> labels() {
    return new WireRow<>(
        "LTl",
        LabelStore.Labels.class,
        m ->
            LabelWire.Labels.newBuilder()
                .setAfter(m.after())
                .addAllLabels(m.labels().stream().map(LabelCodec::toWire).toList())
                .build(),
        LabelWire.Labels.parser(),
        w ->
            new LabelStore.Labels(
                w.getAfter(), w.getLabelsList().stream().map(LabelCodec::fromWire).toList()));
  }

  private static WireRow<?, ?> begin(Refs refs) {
    return new WireRow<>(
        "LB",
        LabelStore.Begin.class,
        m -> {
          LabelWire.BeginLabels.Builder wire =
              LabelWire.BeginLabels.newBuilder()
                  .setRun(m.run())
                  .setResumed(m.resumed())
                  .addAllPrefixes(m.prefixes())
                  .setReplyTo(refs.toWire(m.replyTo()));
          m.letGoOnBy().ifPresent(wire::setLetGoOnBy);
          return wire.build();
        },
        LabelWire.BeginLabels.parser(),
        w ->
            new LabelStore.Begin(
                w.getRun(),
                w.getResumed(),
                List.copyOf(w.getPrefixesList()),
                w.hasLetGoOnBy() ? Optional.of(w.getLetGoOnBy()) : Optional.empty(),
                refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> begun() {
    return new WireRow<>(
        "LBb",
        LabelStore.Begun.class,
        m -> {
          LabelWire.LabelsBegun.Builder wire =
              LabelWire.LabelsBegun.newBuilder()
                  .setPreferences(m.preferences())
                  .addAllAsked(m.asked().stream().map(LabelCodec::toWire).toList());
          m.stop().ifPresent(stop -> wire.setStop(toWire(stop)));
          m.refusal().ifPresent(wire::setRefusal);
          return wire.build();
        },
        LabelWire.LabelsBegun.parser(),
        w ->
            new LabelStore.Begun(
                w.getPreferences(),
                w.getAskedList().stream().map(LabelCodec::fromWire).toList(),
                fromWire(w.getStop()),
                w.hasRefusal() ? Optional.of(w.getRefusal()) : Optional.empty()));
  }

  private static WireRow<?, ?> asked() {
    return new WireRow<>(
        "LBa",
        LabelStore.Asked.class,
        LabelCodec::toWire,
        LabelWire.AskedLabels.parser(),
        LabelCodec::fromWire);
  }

  private static LabelWire.AskedLabels toWire(LabelStore.Asked asked) {
    LabelWire.AskedLabels.Builder wire =
        LabelWire.AskedLabels.newBuilder().setComparisons(asked.comparisons());
    asked.newest().ifPresent(wire::setNewest);
    return wire.build();
  }

  private static LabelStore.Asked fromWire(LabelWire.AskedLabels wire) {
    return new LabelStore.Asked(
        wire.getComparisons(), wire.hasNewest() ? Optional.of(wire.getNewest()) : Optional.empty());
  }

  private static WireRow<?, ?> getLine(Refs refs) {
    return new WireRow<>(
        "LL",
        LabelStore.GetStopReason.class,
        m -> LabelWire.GetStopReason.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
        LabelWire.GetStopReason.parser(),
        w -> new LabelStore.GetStopReason(refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> line() {
    return new WireRow<>(
        "LLl",
        LabelStore.StopReason.class,
        m -> m.stop().map(LabelCodec::toWire).orElseGet(LabelWire.StopReason::getDefaultInstance),
        LabelWire.StopReason.parser(),
        w -> new LabelStore.StopReason(fromWire(w)));
  }

  private static LabelWire.StopReason toWire(LabelStore.Stop stop) {
    return LabelWire.StopReason.newBuilder()
        .setStopped(stop.reason())
        .setVendor(stop.vendor())
        .setLabeler(stop.labeler())
        .setSince(ExperienceCodec.toWire(stop.since()))
        .build();
  }

  /** A reason is never empty, so that no reason is no stop. */
  private static Optional<LabelStore.Stop> fromWire(LabelWire.StopReason wire) {
    return wire.getStopped().isEmpty()
        ? Optional.empty()
        : Optional.of(
            new LabelStore.Stop(
                wire.getStopped(),
                wire.getVendor(),
                wire.getLabeler(),
                ExperienceCodec.fromWire(wire.getSince())));
  }

  private static WireRow<?, ?> getStatus(Refs refs) {
    return new WireRow<>(
        "LS",
        LabelStore.GetStatus.class,
        m -> LabelWire.GetLabelStatus.newBuilder().setReplyTo(refs.toWire(m.replyTo())).build(),
        LabelWire.GetLabelStatus.parser(),
        w -> new LabelStore.GetStatus(refs.fromWire(w.getReplyTo())));
  }

  private static WireRow<?, ?> status() {
    return new WireRow<>(
        "LSs",
        LabelStore.Status.class,
        m ->
            LabelWire.LabelStatus.newBuilder()
                .setOpen(m.open())
                .setLeased(m.leased())
                .setJudged(m.judged())
                .setPreferences(m.preferences())
                .setLastSequence(m.lastSequence())
                .setStopped(m.stopped())
                .setTaken(m.taken())
                .addAllHolders(m.holders().stream().map(LabelCodec::toWire).toList())
                .addAllVendors(m.vendors().stream().map(LabelCodec::toWire).toList())
                .build(),
        LabelWire.LabelStatus.parser(),
        w ->
            new LabelStore.Status(
                w.getOpen(),
                w.getLeased(),
                w.getJudged(),
                w.getPreferences(),
                w.getLastSequence(),
                w.getStopped(),
                w.getTaken(),
                w.getHoldersList().stream().map(LabelCodec::fromWire).toList(),
                w.getVendorsList().stream().map(LabelCodec::fromWire).toList()));
  }

  private static LabelWire.Holder toWire(LabelStore.Holder holder) {
    return LabelWire.Holder.newBuilder()
        .setVendor(holder.vendor())
        .setLabeler(holder.labeler())
        .setTasks(holder.tasks())
        .setSince(ExperienceCodec.toWire(holder.since()))
        .build();
  }

  private static LabelStore.Holder fromWire(LabelWire.Holder wire) {
    return new LabelStore.Holder(
        wire.getVendor(),
        wire.getLabeler(),
        wire.getTasks(),
        ExperienceCodec.fromWire(wire.getSince()));
  }

  /** The label on the wire. */
  public static LabelWire.Label toWire(Label label) {
    return LabelWire.Label.newBuilder()
        .setSequence(label.sequence())
        .setComparison(toWire(label.comparison()))
        .setJudgment(toWire(label.judgment()))
        .build();
  }

  /** The label behind {@code wire}. */
  public static Label fromWire(LabelWire.Label wire) {
    return new Label(
        wire.getSequence(), fromWire(wire.getComparison()), fromWire(wire.getJudgment()));
  }

  /** The comparison on the wire. */
  public static LabelWire.Comparison toWire(Comparison comparison) {
    return LabelWire.Comparison.newBuilder()
        .setId(comparison.id())
        .addAllQuery(TokensCodec.toWire(comparison.query()))
        .setQueryText(comparison.queryText())
        .addAllSamples(comparison.samples().stream().map(LabelCodec::toWire).toList())
        .build();
  }

  /** The comparison behind {@code wire}. */
  public static Comparison fromWire(LabelWire.Comparison wire) {
    return new Comparison(
        wire.getId(),
        tokens(wire.getQueryList()),
        wire.getQueryText(),
        wire.getSamplesList().stream().map(LabelCodec::fromWire).toList());
  }

  /** The judgment on the wire. */
  public static LabelWire.Judgment toWire(Judgment judgment) {
    LabelWire.Judgment.Builder wire =
        LabelWire.Judgment.newBuilder()
            .setComparisonId(judgment.comparisonId())
            .setVendor(judgment.vendor())
            .setLabeler(judgment.labeler())
            .setDecided(ExperienceCodec.toWire(judgment.decided()));
    if (judgment.choice() instanceof Choice.Best best) {
      wire.setBest(best.index());
    } else if (judgment.choice() instanceof Choice.NoPreference none) {
      wire.setNoPreference(toWire(none.reason()));
    }
    return wire.build();
  }

  /** The judgment behind {@code wire}. */
  public static Judgment fromWire(LabelWire.Judgment wire) {
    Choice choice =
        switch (wire.getChoiceCase()) {
          case BEST -> new Choice.Best(wire.getBest());
          case NO_PREFERENCE -> new Choice.NoPreference(fromWire(wire.getNoPreference()));
          case CHOICE_NOT_SET ->
              throw new IllegalArgumentException(
                  "choice for comparison %s: none (expected: best or no preference)"
                      .formatted(wire.getComparisonId()));
        };
    return new Judgment(
        wire.getComparisonId(),
        wire.getVendor(),
        wire.getLabeler(),
        choice,
        ExperienceCodec.fromWire(wire.getDecided()));
  }

  private static LabelWire.Comparison.Sample toWire(Comparison.Sample sample) {
    return LabelWire.Comparison.Sample.newBuilder()
        .addAllResponse(TokensCodec.toWire(sample.response()))
        .setText(sample.text())
        .setPolicyVersion(sample.policyVersion())
        .build();
  }

  private static Comparison.Sample fromWire(LabelWire.Comparison.Sample wire) {
    return new Comparison.Sample(
        tokens(wire.getResponseList()), wire.getText(), wire.getPolicyVersion());
  }

  private static LabelWire.NoPreference toWire(Choice.Reason reason) {
    return switch (reason) {
      case TIE -> LabelWire.NoPreference.NO_PREFERENCE_TIE;
      case NONE_ACCEPTABLE -> LabelWire.NoPreference.NO_PREFERENCE_NONE_ACCEPTABLE;
      case CANNOT_JUDGE -> LabelWire.NoPreference.NO_PREFERENCE_CANNOT_JUDGE;
    };
  }

  private static Choice.Reason fromWire(LabelWire.NoPreference wire) {
    return switch (wire) {
      case NO_PREFERENCE_TIE -> Choice.Reason.TIE;
      case NO_PREFERENCE_NONE_ACCEPTABLE -> Choice.Reason.NONE_ACCEPTABLE;
      case NO_PREFERENCE_CANNOT_JUDGE -> Choice.Reason.CANNOT_JUDGE;
      case NO_PREFERENCE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "reason: " + wire + " (expected: one this version knows)");
    };
  }
}
