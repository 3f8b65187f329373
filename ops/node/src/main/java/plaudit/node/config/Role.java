package plaudit.node.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import plaudit.input.InvalidInputException;

/** What a node does for a run: one learner, and any number of nodes of each other role. */
public enum Role {
  /** Both learners, the experience buffer and the snapshot registry. */
  LEARNER,
  /** Writes responses. */
  SAMPLER,
  /** Scores responses and asks people about some. */
  SCORER,
  /** The HTTP server for people and vendors, and the label store behind it. */
  GATEWAY,
  /** Computes gradients of a part of each minibatch for the policy learner: data parallelism. */
  HELPER;

  /** Lower case, as on the command line and in the cluster. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Roles as people read them, with the cluster's further words for the node. */
  public static String words(Set<Role> roles, Set<String> more) {
    return Stream.concat(roles.stream().sorted().map(Role::word), more.stream())
        .collect(Collectors.joining(","));
  }

  /** All that a run needs: a run in one process. */
  public static Set<Role> all() {
    return EnumSet.complementOf(EnumSet.of(HELPER));
  }

  /**
   * The roles of a list with commas.
   *
   * @throws InvalidInputException naming the word that is no role
   */
  public static Set<Role> parse(String words) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    List<String> known = Arrays.stream(values()).map(Role::word).toList();
    for (String word : new ArrayList<>(List.of(words.split(",", -1)))) {
      int index = known.indexOf(word.strip().toLowerCase(Locale.ROOT));
      if (index < 0) {
        throw InvalidInputException.of(
            "role", '"' + word.strip() + '"', "one or more of " + String.join(",", known));
      }
      roles.add(values()[index]);
    }
    return roles;
  }
}
