package plaudit.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import plaudit.files.AtomicFile;
import plaudit.input.InvalidInputException;
import plaudit.labels.Label;

/**
 * Which labels trained each version of the reward model: written before a training begins, so that
 * one that was killed is repeated with the very same labels, whatever has come since, and one that
 * is finished can be replayed. A file for each training, {@code reward-<version>.labels}, holds
 * what was read since the training before it.
 */
public final class TrainingLabels {

  private static final Pattern NAME = Pattern.compile("reward-(\\d{1,18})\\.labels");

  /**
   * Labels read for one training.
   *
   * @param version of the reward model to be
   * @param highWater the newest label's sequence
   * @param labels those since the training before, in the store's order
   */
  record Read(long version, long highWater, List<Label> labels) {
    Read {
      labels = List.copyOf(labels);
    }
  }

  private final Optional<Path> directory;
  private final TreeMap<Long, Read> reads = new TreeMap<>();

  /** Labels that came after the last training that has begun. */
  private final List<Label> pending = new ArrayList<>();

  private TrainingLabels(Optional<Path> directory) {
    this.directory = directory;
  }

  /** Kept in memory alone. */
  public static TrainingLabels inMemory() {
    return new TrainingLabels(Optional.empty());
  }

  /**
   * In a directory, which is made when the first training begins.
   *
   * @throws InvalidInputException naming a file that holds something else
   */
  public static TrainingLabels in(Path directory) {
    TrainingLabels kept = new TrainingLabels(Optional.of(directory));
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files.forEach(kept::read);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + directory, e);
      }
    }
    return kept;
  }

  private void read(Path file) {
    Matcher name = NAME.matcher(file.getFileName().toString());
    if (!name.matches()) {
      return;
    }
    try {
      Read read = TrainingLabelsCodec.fromBytes(Files.readAllBytes(file));
      if (read.version() != Long.parseLong(name.group(1))) {
        throw new IllegalArgumentException("of version " + read.version());
      }
      reads.put(read.version(), read);
    } catch (IllegalArgumentException e) {
      throw InvalidInputException.of(
          file.toString(), String.valueOf(e.getMessage()), "the labels of a training");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** The newest label that a training has begun with, 0 before the first. */
  public long highWater() {
    return reads.isEmpty() ? 0 : reads.lastEntry().getValue().highWater();
  }

  /** What version {@code version} is trained on, if its training has begun, as a pool gives it. */
  public Optional<List<Label>> of(long version) {
    if (!reads.containsKey(version)) {
      return Optional.empty();
    }
    LabelPool pool = new LabelPool();
    reads.headMap(version, true).values().forEach(read -> read.labels().forEach(pool::add));
    return Optional.of(pool.all());
  }

  /**
   * A training begins, or begins again. When this returns its labels are on the disk.
   *
   * @param read labels that were read since the last call, in the store's order
   * @return what the training is to learn from: all labels so far, or those it had the first time
   */
  public List<Label> begin(long version, List<Label> read) {
    long known = highWater();
    read.stream().filter(label -> label.sequence() > known).forEach(pending::add);
    if (!reads.containsKey(version)) {
      long highWater = pending.isEmpty() ? known : pending.get(pending.size() - 1).sequence();
      Read fresh = new Read(version, highWater, pending);
      directory.ifPresent(
          where ->
              AtomicFile.write(
                  where.resolve("reward-" + version + ".labels"),
                  TrainingLabelsCodec.toBytes(fresh)));
      reads.put(version, fresh);
      pending.clear();
    }
    return of(version).orElseThrow();
  }

  /** The trainings that have begun. */
  public List<Long> versions() {
    return new ArrayList<>(reads.keySet());
  }
}
