package plaudit.eval.panel;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plaudit.eval.agreement.JudgedItem;
import plaudit.gateway.store.JdbcLabels;
import plaudit.gateway.store.StoreSettings;
import plaudit.labels.Choice;
import plaudit.labels.Judgment;
import plaudit.labels.Label;

/** The answers in a label store, comparison by comparison. */
public final class StoredLabels {

  private static final int PAGE = 1_000;

  private StoredLabels() {}

  /**
   * The comparisons of an SQLite file that no other process has open.
   *
   * @param config the whole configuration
   */
  public static List<JudgedItem> items(Path file, Config config) {
    StoreSettings settings = StoreSettings.from(config).withFile(file);
    try (JdbcLabels labels =
        JdbcLabels.open(settings, InstantSource.system(), new SecureRandom())) {
      return List.copyOf(items(read(labels)).values());
    }
  }

  /** All labels, in the order of their arrival. */
  static List<Label> read(JdbcLabels labels) {
    List<Label> all = new ArrayList<>();
    List<Label> page;
    do {
      page = labels.labelsAfter(all.isEmpty() ? 0 : all.get(all.size() - 1).sequence(), PAGE);
      all.addAll(page);
    } while (!page.isEmpty());
    return all;
  }

  /**
   * The answers by comparison id. Of a labeler who answered twice the last counts; one who could
   * not judge is left out.
   *
   * @param labels in the store's order
   */
  public static Map<String, JudgedItem> items(List<Label> labels) {
    Map<String, Map<String, Integer>> answers = new LinkedHashMap<>();
    Map<String, JudgedItem> items = new LinkedHashMap<>();
    for (Label label : labels) {
      String id = label.comparison().id();
      Map<String, Integer> own = answers.computeIfAbsent(id, i -> new LinkedHashMap<>());
      Judgment judgment = label.judgment();
      String labeler = judgment.vendor() + "/" + judgment.labeler();
      if (judgment.choice() instanceof Choice.Best best) {
        own.put(labeler, best.index());
      } else if (((Choice.NoPreference) judgment.choice()).reason() == Choice.Reason.CANNOT_JUDGE) {
        own.remove(labeler);
      } else {
        own.put(labeler, JudgedItem.NO_PREFERENCE);
      }
      items.put(id, new JudgedItem(label.comparison().samples().size(), own));
    }
    return items;
  }
}
