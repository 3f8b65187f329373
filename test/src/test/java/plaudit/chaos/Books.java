package plaudit.chaos;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import plaudit.experience.journal.JournalReader;

/** What must hold when a run that lost processes has ended; each fault found is a sentence. */
final class Books {

  private Books() {}

  /**
   * A learner's death.
   *
   * @param lines of updates that the metrics had then
   * @param checkpoint the newest finished one, on the disk
   */
  record Death(int lines, OptionalLong checkpoint) {}

  /**
   * The line of versions: each update makes the next version, but for the first one after a death,
   * which goes on from exactly the newest checkpoint that was finished then, and the last one is
   * the run's.
   */
  static List<String> line(List<Long> updates, List<Death> deaths, long last) {
    List<String> faults = new ArrayList<>();
    Map<Integer, Long> starts = new HashMap<>();
    starts.put(0, 0L);
    for (Death death : deaths) {
      starts.put(death.lines(), death.checkpoint().orElse(0));
    }
    for (int i = 0; i < updates.size(); i++) {
      long before = starts.containsKey(i) ? starts.get(i) : updates.get(i - 1);
      if (updates.get(i) != before + 1) {
        faults.add("update " + updates.get(i) + " came after version " + before);
      }
    }
    if (updates.isEmpty() || updates.get(updates.size() - 1) != last) {
      faults.add("the last update is not " + last + ": " + updates);
    }
    return faults;
  }

  /**
   * What each version was learned from: all prompts from the first on, each once, however often the
   * version was made; and made again it came out the same. Holds of a run that drops nothing.
   */
  static List<String> prompts(JournalReader journal, long last) {
    List<String> faults = new ArrayList<>();
    if (!journal.whole()) {
      faults.add("the journal does not reach from the beginning to the end");
    }
    List<Long> learned = new ArrayList<>();
    long version = 0;
    for (JournalReader.Learned made : journal.learned()) {
      version++;
      if (made.version() != version) {
        faults.add("version " + made.version() + " of the journal came after " + (version - 1));
      }
      if (Set.copyOf(made.digests()).size() != 1) {
        faults.add("version " + made.version() + " was made as " + made.digests());
      }
      learned.addAll(made.promptIds());
    }
    if (version != last) {
      faults.add("the journal ends with version " + version + " of " + last);
    }
    List<Long> expected = LongStream.range(0, learned.size()).boxed().toList();
    if (!learned.stream().sorted().toList().equals(expected)) {
      faults.add("prompts were learned from twice, or passed over: " + learned);
    }
    return faults;
  }

  /** Versions of the reward model: they grow by one, or come again after a learner's death. */
  static List<String> rewards(List<Long> versions, int deaths) {
    List<String> faults = new ArrayList<>();
    int again = 0;
    for (int i = 0; i < versions.size(); i++) {
      long before = i == 0 ? -1 : versions.get(i - 1);
      if (versions.get(i) == before) {
        again++;
      } else if (versions.get(i) != before + 1) {
        faults.add("reward version " + versions.get(i) + " came after " + before);
      }
    }
    if (again > deaths) {
      faults.add(again + " reward versions were trained twice, with " + deaths + " deaths");
    }
    return faults;
  }

  /** Every acknowledged judgment is in the store exactly once, and labels are numbered 1 to n. */
  static List<String> labels(String url, String user, PatientVendor vendor) throws SQLException {
    List<String> faults = new ArrayList<>();
    vendor.contradictions().forEach((who, ids) -> faults.add(who + " was acknowledged as " + ids));
    Map<String, String> stored = new HashMap<>();
    try (Connection connection = DriverManager.getConnection(url, user, "");
        Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT j.id, c.task_id, j.labeler FROM judgment j"
                  + " JOIN comparison c ON c.id = j.comparison_id")) {
        while (rows.next()) {
          // Outside, a comparison's name is made of its task's.
          String name = rows.getString(2).replaceFirst("^tk", "cm") + "/" + rows.getString(3);
          if (stored.put(name, rows.getString(1)) != null) {
            faults.add(name + " is in the store twice");
          }
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT COUNT(label_sequence), MAX(label_sequence), COUNT(DISTINCT comparison_id)"
                  + " FROM judgment WHERE label_sequence IS NOT NULL")) {
        row.next();
        if (row.getLong(1) != row.getLong(2) || row.getLong(1) != row.getLong(3)) {
          faults.add(
              "%d labels, the last is number %d, of %d comparisons"
                  .formatted(row.getLong(1), row.getLong(2), row.getLong(3)));
        }
      }
    }
    vendor
        .acknowledged()
        .forEach(
            (name, id) -> {
              if (!id.equals(stored.get(name))) {
                faults.add(
                    "%s was acknowledged as %s and is stored as %s"
                        .formatted(name, id, stored.get(name)));
              }
            });
    return faults;
  }

  /** The run's results are there. */
  static List<String> results(Path run) {
    return Files.isRegularFile(run.resolve("policy/model.safetensors"))
        ? List.of()
        : List.of("no tuned model was written");
  }
}
