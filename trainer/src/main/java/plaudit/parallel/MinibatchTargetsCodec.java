package plaudit.parallel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.Trajectory;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.PreferenceTargets;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokensCodec;
import plaudit.wire.v1.GradientWire;

/** A lesson as a file, one row after another: it may be far larger than a message. */
public final class MinibatchTargetsCodec {

  private MinibatchTargetsCodec() {}

  public static void write(MinibatchTargets lesson, OutputStream out) throws IOException {
    boolean pairs = lesson instanceof PreferenceTargets;
    boolean returns = lesson instanceof AdvantageTargets credit && credit.returns().isPresent();
    GradientWire.LessonHead.newBuilder()
        .setRows(lesson.rows())
        .setPairs(pairs)
        .setReturns(returns)
        .build()
        .writeDelimitedTo(out);
    for (int i = 0; i < lesson.rows(); i++) {
      row(lesson, i).writeDelimitedTo(out);
    }
  }

  public static MinibatchTargets read(InputStream in) throws IOException {
    GradientWire.LessonHead head = GradientWire.LessonHead.parseDelimitedFrom(in);
    if (head == null) {
      throw new EOFException("the lesson is empty");
    }
    List<GradientWire.LessonRow> rows = new ArrayList<>();
    for (int i = 0; i < head.getRows(); i++) {
      GradientWire.LessonRow row = GradientWire.LessonRow.parseDelimitedFrom(in);
      if (row == null) {
        throw new EOFException("rows: %d (expected: %d)".formatted(i, head.getRows()));
      }
      rows.add(row);
    }
    return head.getPairs() ? preferences(rows) : credit(rows, head.getReturns());
  }

  private static GradientWire.LessonRow row(MinibatchTargets lesson, int i) {
    GradientWire.LessonRow.Builder row = GradientWire.LessonRow.newBuilder();
    if (lesson instanceof AdvantageTargets credit) {
      row.setTrajectory(ExperienceCodec.toWire(credit.batch().get(i)))
          .addAllAdvantages(TokensCodec.toWire(PerToken.of(credit.advantages()[i])))
          .addAllWeights(TokensCodec.toWire(PerToken.of(credit.weights()[i])));
      credit.returns().ifPresent(all -> row.addAllReturns(TokensCodec.toWire(PerToken.of(all[i]))));
    } else if (lesson instanceof PreferenceTargets preferences) {
      Pair pair = preferences.pairs().get(i);
      row.setTrajectory(ExperienceCodec.toWire(pair.chosen()))
          .setRejected(ExperienceCodec.toWire(pair.rejected()))
          .setTarget(pair.target());
    }
    return row.build();
  }

  private static AdvantageTargets credit(List<GradientWire.LessonRow> rows, boolean hasReturns) {
    List<Trajectory> batch =
        rows.stream().map(row -> ExperienceCodec.fromWire(row.getTrajectory())).toList();
    float[][] advantages =
        rows.stream()
            .map(row -> TokensCodec.perToken(row.getAdvantagesList()).toArray())
            .toArray(float[][]::new);
    float[][] returns =
        rows.stream()
            .map(row -> TokensCodec.perToken(row.getReturnsList()).toArray())
            .toArray(float[][]::new);
    float[][] weights =
        rows.stream()
            .map(row -> TokensCodec.perToken(row.getWeightsList()).toArray())
            .toArray(float[][]::new);
    return new AdvantageTargets(
        batch, advantages, hasReturns ? Optional.of(returns) : Optional.empty(), weights);
  }

  private static PreferenceTargets preferences(List<GradientWire.LessonRow> rows) {
    return new PreferenceTargets(
        rows.stream()
            .map(
                row ->
                    new Pair(
                        ExperienceCodec.fromWire(row.getTrajectory()),
                        ExperienceCodec.fromWire(row.getRejected()),
                        row.getTarget()))
            .toList());
  }
}
