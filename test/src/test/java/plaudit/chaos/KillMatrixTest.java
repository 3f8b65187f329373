package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of every role in every phase, SIGTERM and SIGSTOP in those that matter, one run
 * each. {@code -Dchaos.seeds=N} repeats the matrix with other moments, from {@code -Dchaos.first}
 * on; {@code -Dchaos.only=WORDS} keeps the deeds whose name has the words.
 */
@Tag("slow")
class KillMatrixTest {

  @TempDir private Path directory;

  @Test
  void aLearnerThatIsKilledWhileItLearnsAndAScorerAtWorkCostARunNothing() throws Exception {
    List<Campaign.Row> rows =
        new Campaign(directory, 1)
            .run(List.of(Deed.of("scorer", "scoring"), Deed.of("learner", "learning")));

    assertThat(rows).allSatisfy(row -> assertThat(row.faults()).isEmpty());
  }

  @Test
  void nobodyIsMissedWhateverItDidWhenItDied() throws Exception {
    String only = System.getProperty("chaos.only", "");
    Map<Deed, List<Campaign.Row>> rows = new LinkedHashMap<>();
    long first = Long.getLong("chaos.first", 1);
    for (long seed = first; seed < first + Long.getLong("chaos.seeds", 1); seed++) {
      for (Deed deed : Deed.ALL) {
        if (deed.toString().contains(only)) {
          Path place = Files.createTempDirectory(directory, "run");
          Campaign.Row row = new Campaign(place, seed).run(List.of(deed)).get(0);
          rows.computeIfAbsent(deed, any -> new ArrayList<>()).add(row);
          report(rows.values());
          System.out.println(row);
        }
      }
    }
    assertThat(rows).isNotEmpty();
    assertThat(rows.values().stream().flatMap(List::stream))
        .allSatisfy(row -> assertThat(row.faults()).as(row.toString()).isEmpty());
  }

  /** One line a deed, of all seeds. */
  private static String line(List<Campaign.Row> rows) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %d | %d | %s | %s |",
        rows.get(0).deed().toString().replace(", ", " | "),
        rows.size(),
        rows.stream().filter(Campaign.Row::seen).count(),
        rows.stream().filter(row -> row.faults().isEmpty()).count(),
        times(rows.stream().flatMap(row -> row.detection().stream())),
        times(rows.stream().map(Campaign.Row::recovery)));
  }

  /** The median and, of several, the longest, in seconds. */
  private static String times(Stream<Duration> times) {
    List<Duration> sorted = times.sorted().toList();
    if (sorted.isEmpty()) {
      return "-";
    }
    String median = seconds(sorted.get(sorted.size() / 2));
    return sorted.size() == 1
        ? median
        : median + " (" + seconds(sorted.get(sorted.size() - 1)) + ")";
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3);
  }

  /** Written anew after each run: a matrix takes long, and one may want to watch it. */
  private static void report(Collection<List<Campaign.Row>> rows) throws IOException {
    List<String> table = new ArrayList<>();
    table.add(
        "| fault | victim | phase | runs | seen in it | books right | detection | recovery |");
    table.add("|---|---|---|---|---|---|---|---|");
    rows.forEach(deed -> table.add(line(deed)));
    Path file = Path.of("target", "kill-matrix.md");
    Files.createDirectories(file.getParent());
    Files.write(file, table);
  }
}
