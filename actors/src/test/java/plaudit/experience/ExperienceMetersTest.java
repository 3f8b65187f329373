package plaudit.experience;

import static org.assertj.core.api.Assertions.assertThat;
import static plaudit.experience.Examples.trajectory;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExperienceMetersTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ExperienceMeters meters = new ExperienceMeters(registry);

  @Test
  void theCatalogueIsThis() {
    assertThat(registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName))
        .filteredOn(name -> !name.endsWith(".histogram"))
        .containsExactlyInAnyOrder(
            "plaudit.buffer.accepted",
            "plaudit.buffer.taken",
            "plaudit.buffer.dropped",
            "plaudit.buffer.superseded",
            "plaudit.buffer.recalled",
            "plaudit.buffer.samplers",
            "plaudit.buffer.room",
            "plaudit.buffer.lent",
            "plaudit.buffer.waiting",
            "plaudit.buffer.held",
            "plaudit.buffer.questions",
            "plaudit.buffer.question.responses",
            "plaudit.buffer.question.usable",
            "plaudit.buffer.question.prompts.given.up",
            "plaudit.buffer.policy.version",
            "plaudit.buffer.staleness");
  }

  @Test
  void eachHasADescriptionAndAUnit() {
    assertThat(registry.getMeters())
        .filteredOn(meter -> !meter.getId().getName().endsWith(".histogram"))
        .allMatch(meter -> meter.getId().getDescription() != null)
        .allMatch(meter -> meter.getId().getBaseUnit() != null);
  }

  @Test
  void stalenessIsTheLearnersVersionLessThePolicys() {
    meters.served(new Batch(5, List.of(trajectory(1, 2), trajectory(2, 5))));
    assertThat(registry.get("plaudit.buffer.staleness").summary().max()).isEqualTo(3);
    assertThat(registry.get("plaudit.buffer.staleness").summary().totalAmount()).isEqualTo(3);
  }

  @Test
  void aLaterBuffersNumbersAreShownInPlaceOfAnEarlierOnes() {
    meters.samplers(1);
    new ExperienceMeters(registry).samplers(3);
    assertThat(registry.get("plaudit.buffer.samplers").gauge().value()).isEqualTo(3);
    theCatalogueIsThis();
  }
}
