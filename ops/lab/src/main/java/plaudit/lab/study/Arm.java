package plaudit.lab.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One treatment that is tried with several seeds.
 *
 * @param name in file names
 * @param title in tables
 * @param teacher where the reward comes from
 * @param settings what differs from the study's settings, by full key
 */
public record Arm(String name, String title, Teacher teacher, Map<String, Object> settings) {

  private static final Arm REFERENCE =
      new Arm("reference", "the reference", new Teacher.None(), Map.of());

  /** Where the reward comes from. */
  public sealed interface Teacher {

    /** Nowhere: the reference as it is. */
    record None() implements Teacher {}

    /** The mock human's own r_s. */
    record Direct() implements Teacher {}

    /**
     * A reward model of its choices.
     *
     * @param first labels before the first episode
     * @param total labels at the last one; equal to {@code first} for the offline case
     */
    record Labels(int first, int total) implements Teacher {

      boolean online() {
        return total > first;
      }
    }
  }

  public Arm {
    settings = Map.copyOf(settings);
  }

  /**
   * Learning directly from r_s, with and without a KL penalty, and from reward models of each
   * budget (2.4, 5.6).
   */
  public static List<Arm> ofMockStudy(StudySettings study) {
    List<Arm> arms = new ArrayList<>();
    arms.add(REFERENCE);
    arms.add(new Arm("direct", "direct", new Teacher.Direct(), Map.of()));
    arms.add(
        new Arm(
            "no-kl",
            "direct, no KL penalty",
            new Teacher.Direct(),
            Map.of("plaudit.policy.kl.adaptive", false, "plaudit.policy.kl.beta", 0)));
    for (boolean online : new boolean[] {false, true}) {
      String kind = online ? "online" : "offline";
      for (int budget : study.budgets()) {
        int first =
            online
                ? Math.min(budget - 1, Math.max(1, (int) Math.round(study.startShare() * budget)))
                : budget;
        arms.add(
            new Arm(
                kind + "-" + budget,
                "%,d labels, %s".formatted(budget, kind),
                new Teacher.Labels(first, budget),
                Map.of(
                    "plaudit.reward.labels.before-start", first,
                    "plaudit.reward.labels.total", budget)));
      }
    }
    return List.copyOf(arms);
  }

  /** Each algorithm, learning directly from r_s. */
  public static List<Arm> ofAlgorithms() {
    List<Arm> arms = new ArrayList<>(List.of(REFERENCE));
    arms.add(direct("ppo", Map.of()));
    for (String grouped : List.of("rloo", "grpo", "online-dpo")) {
      arms.add(
          direct(grouped, Map.of("plaudit.policy.algorithm", grouped, "plaudit.policy.group", 4)));
    }
    arms.add(
        direct(
            "ppo-lora",
            // Adapters want a higher rate: so few numbers must do the same.
            Map.of("plaudit.policy.lora.rank", 16, "plaudit.policy.learning-rate", 1e-3)));
    arms.add(direct("ppo-separate-value", Map.of("plaudit.policy.value-network", "separate")));
    return List.copyOf(arms);
  }

  private static Arm direct(String name, Map<String, Object> settings) {
    return new Arm(name, name, new Teacher.Direct(), new LinkedHashMap<>(settings));
  }
}
