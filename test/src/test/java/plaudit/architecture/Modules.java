package plaudit.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which module a class lies in, and what each module may see. */
final class Modules {

  private static final Set<String> BELOW_OPS =
      Set.of("proto", "actors", "sampler", "trainer", "labeler-gateway");

  /** For each module, the modules left of it: {@code proto < actors < sampler < trainer < ops}. */
  static final Map<String, Set<String>> VISIBLE =
      Map.of(
          "proto", Set.of(),
          "actors", Set.of("proto"),
          "sampler", Set.of("proto", "actors"),
          "trainer", Set.of("proto", "actors", "sampler"),
          "labeler-gateway", Set.of("proto", "actors"),
          "ops/eval", BELOW_OPS,
          "ops/node", with(BELOW_OPS, "ops/eval"),
          "ops/lab", with(BELOW_OPS, "ops/eval", "ops/node"),
          "ops/cli", with(BELOW_OPS, "ops/eval", "ops/node", "ops/lab"));

  private static final Pattern PLACE =
      Pattern.compile(
          ".*/(proto|actors|sampler|trainer|labeler-gateway|ops/eval|ops/node|ops/lab|ops/cli)/target/(?:classes/|plaudit-[^/]*!).*");

  private Modules() {}

  private static Set<String> with(Set<String> some, String... more) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(List.of(more));
    return all;
  }

  /** The module that {@code type} was compiled in; empty for other people's. */
  static Optional<String> moduleOf(JavaClass type) {
    return type.getSource()
        .map(Source::getUri)
        .map(uri -> PLACE.matcher(uri.toString()))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1));
  }

  /** Holds for a class that uses its own module and what lies left of it, no other. */
  static ArchCondition<JavaClass> seeOnlyWhatIsLeftOfThem() {
    return new ArchCondition<>("see only the modules left of theirs") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        String own = moduleOf(type).orElse("");
        type.getDirectDependenciesFromSelf()
            .forEach(
                dependency -> {
                  String other =
                      moduleOf(dependency.getTargetClass().getBaseComponentType()).orElse(own);
                  boolean seen =
                      other.equals(own) || VISIBLE.getOrDefault(own, Set.of()).contains(other);
                  if (!seen) {
                    events.add(
                        SimpleConditionEvent.violated(
                            type,
                            "%s may not see %s: %s"
                                .formatted(own, other, dependency.getDescription())));
                  }
                });
      }
    };
  }
}
