package plaudit.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The rules of the layout, held against the compiled classes of every module. */
class ArchitectureTest {

  private static final String GENERATED = "plaudit.wire.v1..";

  /**
   * Where Pekko may be seen: an actor's package, which holds actors, their protocols and codecs and
   * nothing else; the HTTP server; the wire; nodes, which start actors; and the benchmarks of them.
   */
  private static final String[] ACTORS = {
    "plaudit..actor..",
    "plaudit.wire",
    "plaudit.gateway",
    "plaudit.gateway.http..",
    "plaudit.eval.panel",
    "plaudit.node..",
    "plaudit.lab.bench..",
    "plaudit.lab.gateway"
  };

  /** Rules and engines: what they answer depends on what they are given, on no thread or clock. */
  private static final String[] RULES = {
    "plaudit.experience",
    "plaudit.experience.journal",
    "plaudit.lease",
    "plaudit.tokens",
    "plaudit.labels",
    "plaudit.task",
    "plaudit.data",
    "plaudit.model",
    "plaudit.scoring",
    "plaudit.optim",
    "plaudit.policy",
    "plaudit.reward",
    "plaudit.language",
    "plaudit.labelfile",
    "plaudit.stats",
    "plaudit.training",
    "plaudit.eval",
    "plaudit.eval.agreement",
    "plaudit.eval.copying",
    "plaudit.eval.frontier",
    "plaudit.eval.measure",
    "plaudit.eval.rouge",
    "plaudit.lab.plan",
    "plaudit.lab.replay"
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/test/target/"))
          .importPackages("plaudit");

  @Test
  void everyModuleIsLookedAt() {
    Set<String> modules = new TreeSet<>();
    CLASSES.forEach(type -> modules.add(Modules.moduleOf(type).orElse("nowhere: " + type)));

    assertThat(modules).containsExactlyInAnyOrderElementsOf(Modules.VISIBLE.keySet());
  }

  @Test
  void eachModuleSeesOnlyWhatIsLeftOfIt() {
    classes().should(Modules.seeOnlyWhatIsLeftOfThem()).check(CLASSES);
  }

  @Test
  void noPackageIsSpreadOverTwoModules() {
    Map<String, Set<String>> modules = new TreeMap<>();
    CLASSES.forEach(
        type ->
            modules
                .computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
                .add(Modules.moduleOf(type).orElse("nowhere")));

    assertThat(modules).allSatisfy((name, where) -> assertThat(where).as(name).hasSize(1));
  }

  @Test
  void noTopLevelNameIsGivenTwice() {
    Map<String, Set<String>> places = new TreeMap<>();
    CLASSES.stream()
        .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
        .filter(type -> !type.getPackageName().startsWith("plaudit.wire.v1"))
        .forEach(
            type ->
                places
                    .computeIfAbsent(type.getSimpleName(), name -> new TreeSet<>())
                    .add(type.getPackageName()));

    assertThat(places).hasSizeGreaterThan(500);
    assertThat(places).allSatisfy((name, where) -> assertThat(where).as(name).hasSize(1));
  }

  @Test
  void noTwoPackagesNeedEachOther() {
    slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void rulesAndEnginesKnowNoActors() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ACTORS)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.pekko..")
        .check(CLASSES);
  }

  @Test
  void rulesKnowNoThreadsOrClocks() {
    noClasses()
        .that()
        .resideInAnyPackage(RULES)
        .and(not(describe("are meters, read by other threads", type -> isMeters(type))))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.util.concurrent", "java.util.concurrent.locks")
                .or(
                    describe(
                        "are threads or clocks",
                        type ->
                            type.isEquivalentTo(Thread.class)
                                || type.isEquivalentTo(Clock.class)
                                || type.isEquivalentTo(InstantSource.class))))
        .check(CLASSES);
  }

  @Test
  void onlyCodecsKnowTheWire() {
    noClasses()
        .that(not(resideInAPackage(GENERATED)))
        .and(not(describe("are codecs", type -> outermost(type).endsWith("Codec"))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(GENERATED)
        .check(CLASSES);
  }

  @Test
  void librariesPrintNothing() {
    noClasses()
        .that(not(resideInAnyPackage("plaudit.cli")))
        .should(ACCESS_STANDARD_STREAMS)
        .check(CLASSES);
  }

  @Test
  void timeAndChanceComeInByTheDoor() {
    noClasses()
        .that(not(resideInAnyPackage(GENERATED)))
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(LocalDateTime.class, "now")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(ThreadLocalRandom.class)
        .check(CLASSES);
  }

  @Test
  void whatRunsAsynchronouslyNamesItsExecutor() {
    noClasses()
        .should()
        .callMethodWhere(
            describe(
                "is asynchronous without an executor",
                (JavaMethodCall call) ->
                    call.getTarget().getOwner().isAssignableTo(CompletionStage.class)
                        && call.getName().endsWith("Async")
                        && call.getTarget().getRawParameterTypes().stream()
                            .noneMatch(type -> type.isEquivalentTo(Executor.class))))
        .check(CLASSES);
  }

  @Test
  void onlyOnePackageRenamesFiles() {
    noClasses()
        .that(not(resideInAPackage("plaudit.files")))
        .should()
        .callMethod(Files.class, "move", Path.class, Path.class, CopyOption[].class)
        .check(CLASSES);
  }

  @Test
  void theSimulatedVendorKnowsNothingARealOneCouldNot() {
    classes()
        .that()
        .resideInAPackage("plaudit.node.vendor")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "com.fasterxml.jackson..",
            "org.slf4j..",
            "org.jspecify..",
            "plaudit.input",
            "plaudit.node.vendor")
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLineKnowsTheCommandLine() {
    noClasses()
        .that(not(resideInAPackage("plaudit.cli..")))
        .should()
        .dependOnClassesThat(resideInAPackage("plaudit.cli").or(resideInAPackage("picocli..")))
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItIsForAndThatNothingIsNull() {
    Set<String> silent = new TreeSet<>();
    for (JavaPackage tree : CLASSES.getPackage("plaudit").getSubpackagesInTree()) {
      boolean ours = !tree.getName().startsWith("plaudit.wire.v1");
      if (ours && !tree.getClasses().isEmpty() && !tree.isAnnotatedWith(NullMarked.class)) {
        silent.add(tree.getName());
      }
    }

    assertThat(silent).as("packages without a @NullMarked package-info").isEmpty();
  }

  private static boolean isMeters(JavaClass type) {
    return outermost(type).endsWith("Meters");
  }

  private static String outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElseGet(type::getSimpleName);
  }

  /** One slice a package. */
  private static final class Packages implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return SliceIdentifier.of(type.getPackageName());
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
