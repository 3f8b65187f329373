package plaudit.experience;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import plaudit.tokens.TokenVersions;

/**
 * A delivery prompt by prompt. With k responses to each prompt everything is counted in
 * trajectories, but dealt, accepted, dropped and served prompt by prompt: a delivery without all k
 * responses counts as none. The k are decoded together, so a version that takes over in flight does
 * so at the same token of each: those that are long enough have the same versions at the same
 * places ({@link TokenVersions#goesWith}), and all begin with the same one. Responses that do not
 * fit together so are of two decodings and no group.
 *
 * @param answers all responses to the prompts that have them all, prompt by prompt
 * @param missing prompts that have not
 */
record DeliveredGroups(List<Trajectory> answers, List<Prompt> missing) {

  /**
   * Sorts what was delivered for some prompts; of responses with the same index the first counts,
   * and what nobody asked for does not.
   *
   * @param group responses to a prompt
   */
  static DeliveredGroups of(List<Prompt> prompts, List<Trajectory> delivered, int group) {
    Map<Long, Map<Integer, Trajectory>> byPrompt = new HashMap<>();
    for (Trajectory answer : delivered) {
      byPrompt
          .computeIfAbsent(answer.rollout().promptId(), id -> new TreeMap<>())
          .putIfAbsent(answer.rollout().index(), answer);
    }
    List<Prompt> missing = new ArrayList<>();
    List<Trajectory> answers = new ArrayList<>();
    for (Prompt prompt : prompts) {
      var responses = byPrompt.getOrDefault(prompt.id(), Map.of()).values();
      if (isWhole(responses, group)) {
        answers.addAll(responses);
      } else {
        missing.add(prompt);
      }
    }
    return new DeliveredGroups(answers, missing);
  }

  private static boolean isWhole(Collection<Trajectory> responses, int group) {
    List<TokenVersions> versions = responses.stream().map(t -> t.rollout().versions()).toList();
    return versions.size() == group && versions.stream().allMatch(versions.get(0)::goesWith);
  }
}
