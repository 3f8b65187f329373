package plaudit.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} of every role in every phase, one run each. {@code -Dchaos.seeds=N} repeats the
 * matrix with other moments, from {@code -Dchaos.first} on; {@code -Dchaos.only=WORDS} keeps the
 * deeds whose name has the words.
 */
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
  @Tag("slow")
  void nobodyIsMissedWhateverItDidWhenItDied() throws Exception {
    String only = System.getProperty("chaos.only", "");
    List<Campaign.Row> rows = new ArrayList<>();
    List<String> table = new ArrayList<>();
    table.add("| victim | phase | seed | recovery | books |");
    table.add("|---|---|---|---|---|");
    long first = Long.getLong("chaos.first", 1);
    for (long seed = first; seed < first + Long.getLong("chaos.seeds", 1); seed++) {
      for (Deed deed : Deed.ALL) {
        if (deed.toString().contains(only)) {
          Path place = Files.createTempDirectory(directory, "run");
          Campaign.Row row = new Campaign(place, seed).run(List.of(deed)).get(0);
          rows.add(row);
          table.add(line(row));
          report(table);
          if (!row.faults().isEmpty()) {
            System.out.println(String.join("\n", row.faults()));
          }
        }
      }
    }
    assertThat(rows).isNotEmpty();
    assertThat(rows).allSatisfy(row -> assertThat(row.faults()).as(row.toString()).isEmpty());
  }

  private static String line(Campaign.Row row) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.1f s | %s |",
        row.deed().toString().replace(", ", " | ")
            + (row.seen() ? "" : " (not seen, struck at random)"),
        row.seed(),
        row.recovery().toMillis() / 1e3,
        row.faults().isEmpty() ? "right" : firstLine(String.join("; ", row.faults())));
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** Written anew after each run: a matrix takes long, and somebody may be watching. */
  private static void report(List<String> table) throws IOException {
    Path file = Path.of("target", "kill-matrix.md");
    Files.createDirectories(file.getParent());
    Files.write(file, table);
    System.out.println(table.get(table.size() - 1));
  }
}
