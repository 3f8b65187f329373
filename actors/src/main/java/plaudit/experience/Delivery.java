package plaudit.experience;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.tokens.TokenVersions;

/**
 * A delivery, prompt by prompt. The k responses to a prompt are decoded together, so a version that
 * takes over in flight does so at the same token of each: those that are long enough have the same
 * versions at the same places ({@link TokenVersions#goesWith}), and all begin with the same one.
 * Responses that do not fit together so are of two decodings and no group. A prompt without a whole
 * group counts as not delivered.
 *
 * @param whole all responses to the prompts that have a whole group, prompt by prompt
 * @param missing the other prompts
 */
record Delivery(List<Trajectory> whole, List<Prompt> missing) {

  /**
   * Of responses with the same index the first counts; responses to other prompts do not.
   *
   * @param group responses to a prompt
   */
  static Delivery of(List<Prompt> prompts, List<Trajectory> delivered, int group) {
    Map<Long, Map<Integer, Trajectory>> byPrompt = new HashMap<>();
    for (Trajectory one : delivered) {
      byPrompt
          .computeIfAbsent(one.rollout().promptId(), id -> new TreeMap<>())
          .putIfAbsent(one.rollout().index(), one);
    }
    List<Prompt> missing = new ArrayList<>();
    List<Trajectory> whole = new ArrayList<>();
    for (Prompt prompt : prompts) {
      var responses = byPrompt.getOrDefault(prompt.id(), Map.of()).values();
      if (isWhole(responses, group)) {
        whole.addAll(responses);
      } else {
        missing.add(prompt);
      }
    }
    return new Delivery(whole, missing);
  }

  private static boolean isWhole(Collection<Trajectory> responses, int group) {
    List<TokenVersions> versions = responses.stream().map(t -> t.rollout().versions()).toList();
    return versions.size() == group && versions.stream().allMatch(versions.get(0)::goesWith);
  }
}
