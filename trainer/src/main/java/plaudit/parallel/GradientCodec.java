package plaudit.parallel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import plaudit.experience.ExperienceCodec;
import plaudit.experience.Trajectory;
import plaudit.input.InvalidInputException;
import plaudit.model.Dtype;
import plaudit.model.Safetensors;
import plaudit.model.SafetensorsWriter;
import plaudit.model.SafetensorsWriter.Entry;
import plaudit.model.SnapshotWeights;
import plaudit.model.TensorSpec;
import plaudit.optim.Network;
import plaudit.parallel.ShardPlan.Portion;
import plaudit.policy.ComputeShape;
import plaudit.policy.MinibatchTargets;
import plaudit.policy.MinibatchTargets.AdvantageTargets;
import plaudit.policy.MinibatchTargets.Pair;
import plaudit.policy.MinibatchTargets.PreferenceTargets;
import plaudit.tokens.PerToken;
import plaudit.tokens.TokensCodec;
import plaudit.wire.v1.GradientWire;

/**
 * Data-parallel learning in files. A learner and its helpers exchange the trained weights or the
 * gradients of some networks as F32 safetensors, and targets as protobuf, one row after another:
 * each is written and read piece by piece, since it may be far larger than a message. The plans of
 * an update's steps are some bytes of protobuf.
 */
public final class GradientCodec {

  private GradientCodec() {}

  /** Writes the trained weights. */
  public static void writeWeights(List<Network> nets, OutputStream out) throws IOException {
    SnapshotWeights.write(
        Channels.newChannel(out), Map.of(), nets.stream().map(Network::trained).toList());
  }

  /** Overwrites the trained weights with what {@link #open} opened for the same networks. */
  static void load(Safetensors tensors, List<Network> nets) {
    nets.forEach(net -> net.load(spec -> tensors.readF32(spec.name())));
  }

  /** Writes the accumulated gradients. */
  static void writeGradients(List<Network> nets, OutputStream out) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Network net : nets) {
      List<TensorSpec> specs = net.trained().specs();
      for (int i = 0; i < specs.size(); i++) {
        int index = i;
        entries.add(new Entry(specs.get(i), Dtype.F32, () -> net.gradient(index)));
      }
    }
    SafetensorsWriter.write(out, Map.of(), entries);
  }

  /** Adds to the accumulated gradients what {@link #open} opened for the same networks. */
  static void addGradients(Safetensors tensors, List<Network> nets) {
    nets.forEach(net -> net.addGradients(spec -> tensors.readF32(spec.name())));
  }

  /** Opens a file with all trained tensors of some networks; refuses that of others. */
  static Safetensors open(Path file, List<Network> nets) {
    Safetensors tensors = Safetensors.open(file);
    Set<TensorSpec> expected = new LinkedHashSet<>();
    nets.forEach(net -> expected.addAll(net.trained().specs()));
    Set<TensorSpec> found = new LinkedHashSet<>();
    tensors.names().forEach(name -> found.add(tensors.spec(name)));
    if (!found.equals(expected)) {
      throw InvalidInputException.of(
          file.toString(), found.size() + " tensors", "those of the networks that are trained");
    }
    return tensors;
  }

  /** Writes the rows of a minibatch. */
  public static void writeTargets(MinibatchTargets targets, OutputStream out) throws IOException {
    GradientWire.TargetsHead.newBuilder()
        .setRows(targets.rows())
        .setPairs(targets instanceof PreferenceTargets)
        .setReturns(
            targets instanceof AdvantageTargets advantages && advantages.returns().isPresent())
        .build()
        .writeDelimitedTo(out);
    for (int i = 0; i < targets.rows(); i++) {
      row(targets, i).writeDelimitedTo(out);
    }
  }

  static MinibatchTargets readTargets(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return readTargets(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + file, e);
    }
  }

  /** Reads what {@link #writeTargets} wrote. */
  public static MinibatchTargets readTargets(InputStream in) throws IOException {
    GradientWire.TargetsHead head = GradientWire.TargetsHead.parseDelimitedFrom(in);
    if (head == null) {
      throw new EOFException("rows: none (expected: a file of targets)");
    }
    List<GradientWire.TargetsRow> rows = new ArrayList<>();
    for (int i = 0; i < head.getRows(); i++) {
      GradientWire.TargetsRow row = GradientWire.TargetsRow.parseDelimitedFrom(in);
      if (row == null) {
        throw new EOFException("rows: %d (expected: %d)".formatted(i, head.getRows()));
      }
      rows.add(row);
    }
    return head.getPairs() ? preferences(rows) : advantages(rows, head.getReturns());
  }

  private static GradientWire.TargetsRow row(MinibatchTargets targets, int i) {
    GradientWire.TargetsRow.Builder row = GradientWire.TargetsRow.newBuilder();
    if (targets instanceof AdvantageTargets advantages) {
      row.setTrajectory(ExperienceCodec.toWire(advantages.batch().get(i)))
          .addAllAdvantages(floats(advantages.advantages()[i]))
          .addAllWeights(floats(advantages.weights()[i]));
      advantages.returns().ifPresent(all -> row.addAllReturns(floats(all[i])));
    } else if (targets instanceof PreferenceTargets preferences) {
      Pair pair = preferences.pairs().get(i);
      row.setTrajectory(ExperienceCodec.toWire(pair.chosen()))
          .setRejected(ExperienceCodec.toWire(pair.rejected()))
          .setTarget(pair.target());
    }
    return row.build();
  }

  private static AdvantageTargets advantages(
      List<GradientWire.TargetsRow> rows, boolean hasReturns) {
    List<Trajectory> batch =
        rows.stream().map(row -> ExperienceCodec.fromWire(row.getTrajectory())).toList();
    return new AdvantageTargets(
        batch,
        floats(rows, GradientWire.TargetsRow::getAdvantagesList),
        hasReturns
            ? Optional.of(floats(rows, GradientWire.TargetsRow::getReturnsList))
            : Optional.empty(),
        floats(rows, GradientWire.TargetsRow::getWeightsList));
  }

  private static Iterable<Float> floats(float[] row) {
    return TokensCodec.toWire(PerToken.of(row));
  }

  private static float[][] floats(
      List<GradientWire.TargetsRow> rows, Function<GradientWire.TargetsRow, List<Float>> numbers) {
    return rows.stream()
        .map(row -> TokensCodec.perToken(numbers.apply(row)).toArray())
        .toArray(float[][]::new);
  }

  private static PreferenceTargets preferences(List<GradientWire.TargetsRow> rows) {
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

  /** The plans of the steps of the update that made {@code version}. */
  static byte[] toBytes(long version, List<ShardPlan> steps) {
    return GradientWire.SharedUpdate.newBuilder()
        .setVersion(version)
        .addAllSteps(steps.stream().map(GradientCodec::toWire).toList())
        .build()
        .toByteArray();
  }

  /**
   * Reads {@link #toBytes} back.
   *
   * @throws IllegalArgumentException if {@code bytes} are not of {@code version}
   */
  static List<ShardPlan> fromBytes(long version, byte[] bytes) {
    try {
      GradientWire.SharedUpdate wire = GradientWire.SharedUpdate.parseFrom(bytes);
      if (wire.getVersion() != version) {
        throw new IllegalArgumentException("of version " + wire.getVersion());
      }
      return wire.getStepsList().stream().map(GradientCodec::fromWire).toList();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static GradientWire.SharedStep toWire(ShardPlan plan) {
    GradientWire.SharedStep.Builder step = GradientWire.SharedStep.newBuilder();
    for (Portion portion : plan.portions()) {
      GradientWire.Portion.Builder wire = step.addPortionsBuilder().setRows(portion.rows());
      portion
          .helper()
          .ifPresent(
              shape ->
                  wire.setBrought(true)
                      .setMicroBatch(shape.microBatch())
                      .setMicroBatchTokens(shape.tokens())
                      .setThreads(shape.threads()));
    }
    return step.build();
  }

  private static ShardPlan fromWire(GradientWire.SharedStep wire) {
    return new ShardPlan(
        wire.getPortionsList().stream()
            .map(
                portion ->
                    new Portion(
                        portion.getRows(),
                        portion.getBrought()
                            ? Optional.of(
                                new ComputeShape(
                                    portion.getMicroBatch(),
                                    portion.getMicroBatchTokens(),
                                    portion.getThreads()))
                            : Optional.empty()))
            .toList());
  }
}
