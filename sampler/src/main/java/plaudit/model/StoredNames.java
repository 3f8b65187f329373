package plaudit.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import plaudit.input.InvalidInputException;

/**
 * Which stored tensor is which weight. Trainers put prefixes of their own before a family's, such
 * as {@code _orig_mod.}, {@code module.} or {@code pretrained_model.}: the prefix under which most
 * of the weights lie is the model's.
 *
 * @param prefix before the names of all weights but the head's
 * @param stored the stored name of each weight of the layout
 * @param extras the stored names of other tensors, by the name without the prefix
 */
record StoredNames(String prefix, Map<String, String> stored, Map<String, String> extras) {

  private static final int NAMED = 5;

  /** What old checkpoints store beside weights: attention masks and tables of frequencies. */
  private static final Pattern NO_WEIGHT =
      Pattern.compile(".*\\b(attn|attention)\\.(masked_)?bias|.*rotary_emb\\.inv_freq");

  private static final Pattern OF_A_LAYER = Pattern.compile("(layers|h)\\.\\d+\\..*");

  /** Finds the weights of {@code config}; refuses tensors that are missing, or are too many. */
  static StoredNames find(ModelConfig config, Set<String> all, Path dir) {
    List<String> layout = Layout.of(config).stream().map(TensorSpec::name).toList();
    String head = Layout.head(config.family());
    List<String> trunk = layout.stream().filter(name -> !name.equals(head)).toList();
    String prefix = prefix(trunk, all, config.family(), dir);
    Map<String, String> stored = new LinkedHashMap<>();
    for (String name : trunk) {
      if (all.contains(prefix + name)) {
        stored.put(name, prefix + name);
      }
    }
    Optional<String> storedHead = head(head, prefix, all);
    if (config.tiedHead()) {
      storedHead.ifPresent(tied -> stored.putIfAbsent(trunk.get(0), tied));
    } else {
      storedHead.ifPresent(own -> stored.put(head, own));
    }
    refuseMissing(config, layout, stored, prefix, all, dir);
    Map<String, String> extras = new LinkedHashMap<>();
    List<String> surplus = new ArrayList<>();
    for (String name : all) {
      String plain = plain(name, prefix, config.family());
      if (stored.containsValue(name) || NO_WEIGHT.matcher(plain).matches()) {
        continue;
      }
      if (name.startsWith(prefix) && OF_A_LAYER.matcher(plain).matches()) {
        surplus.add(name);
      }
      extras.put(plain, name);
    }
    if (!surplus.isEmpty()) {
      throw InvalidInputException.of(
          dir + ": tensors of layers",
          some(surplus),
          "only those of %d layers of %s".formatted(config.layers(), config.family()));
    }
    return new StoredNames(prefix, stored, extras);
  }

  private static String prefix(List<String> trunk, Set<String> all, Family family, Path dir) {
    Set<String> candidates = new TreeSet<>();
    for (String anchor : List.of(trunk.get(0), trunk.get(1), trunk.get(2))) {
      for (String name : all) {
        if (name.equals(anchor) || name.endsWith("." + anchor)) {
          candidates.add(name.substring(0, name.length() - anchor.length()));
        }
      }
    }
    String best = family.prefix();
    long most = 0;
    for (String candidate : candidates) {
      long found = trunk.stream().filter(name -> all.contains(candidate + name)).count();
      if (found == most) {
        throw new InvalidInputException(
            "%s: both %s and %s (expected: one of them)"
                .formatted(dir, best + trunk.get(0), candidate + trunk.get(0)));
      }
      if (found > most) {
        best = candidate;
        most = found;
      }
    }
    return best;
  }

  /** The head lies beside what has the prefix, or further out. */
  private static Optional<String> head(String head, String prefix, Set<String> all) {
    for (String outer = prefix;
        ;
        outer = outer.substring(0, outer.lastIndexOf('.', outer.length() - 2) + 1)) {
      if (all.contains(outer + head)) {
        return Optional.of(outer + head);
      }
      if (outer.isEmpty()) {
        return Optional.empty();
      }
    }
  }

  private static String plain(String name, String prefix, Family family) {
    if (name.startsWith(prefix)) {
      return name.substring(prefix.length());
    }
    String outer = outer(prefix, family);
    return name.startsWith(outer) ? name.substring(outer.length()) : name;
  }

  private static String outer(String prefix, Family family) {
    return prefix.endsWith(family.prefix())
        ? prefix.substring(0, prefix.length() - family.prefix().length())
        : prefix;
  }

  /** What a trainer put before the names of the family; empty for nothing. */
  String outer(Family family) {
    return prefix.isEmpty() ? "" : outer(prefix, family);
  }

  private static void refuseMissing(
      ModelConfig config,
      List<String> layout,
      Map<String, String> stored,
      String prefix,
      Set<String> all,
      Path dir) {
    List<String> missing = layout.stream().filter(name -> !stored.containsKey(name)).toList();
    if (missing.isEmpty()) {
      return;
    }
    String hint;
    if (missing.equals(List.of(Layout.head(config.family())))) {
      hint = "(expected: it, or tie_word_embeddings: true in " + ModelConfig.FILE + ")";
    } else if (stored.isEmpty()) {
      hint =
          "(expected: names such as %s; there are %s)"
              .formatted(config.family().prefix() + layout.get(0), some(all));
    } else {
      hint =
          prefix.isEmpty()
              ? "(the others have no prefix)"
              : "(the others begin with " + prefix + ")";
    }
    throw new InvalidInputException(
        "%s: %d of %d tensors missing: %s %s"
            .formatted(dir, missing.size(), layout.size(), some(missing), hint));
  }

  private static String some(Collection<String> names) {
    String first = String.join(", ", names.stream().limit(NAMED).toList());
    return names.size() > NAMED ? first + ", ..." : names.isEmpty() ? "none" : first;
  }
}
