package plaudit.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.Source;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which module a class lies in, and what each module may see. */
final class Modules {

  /** For each module, the modules left of it: {@code proto < actors < sampler < trainer < ops}. */
  static final Map<String, Set<String>> VISIBLE =
      Map.of(
          "proto", Set.of(),
          "actors", Set.of("proto"),
          "sampler", Set.of("proto", "actors"),
          "trainer", Set.of("proto", "actors", "sampler"),
          "labeler-gateway", Set.of("proto", "actors"),
          "ops", Set.of("proto", "actors", "sampler", "trainer", "labeler-gateway"));

  private static final Pattern PLACE =
      Pattern.compile(
          ".*/(proto|actors|sampler|trainer|labeler-gateway|ops)/target/(?:classes/|plaudit-[^/]*!).*");

  private Modules() {}

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
