package plaudit.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import plaudit.input.InvalidInputException;
import plaudit.model.Compute;
import plaudit.model.Precision;
import plaudit.sampling.SamplerSettings.InFlight;

class SamplerSettingsTest {

  private static final Config DEFAULTS = ConfigFactory.defaultReference();

  @Test
  void theDefaultsOverlapWritingWithScoring() {
    assertThat(SamplerSettings.from(DEFAULTS))
        .isEqualTo(
            new SamplerSettings(
                Compute.cpu(1).with(Precision.AUTO), 2, Duration.ofSeconds(2), 0.01, InFlight.OFF));
  }

  @Test
  void versionsMayTakeOverInFlight() {
    assertThat(SamplerSettings.from(with("in-flight = keep-cache")).inFlight())
        .isEqualTo(InFlight.KEEP_CACHE);
    assertThat(SamplerSettings.from(with("in-flight = recompute")).inFlight())
        .isEqualTo(InFlight.RECOMPUTE);
    assertThatThrownBy(() -> SamplerSettings.from(with("in-flight = on")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.sampler.in-flight: on (expected: off, keep-cache or recompute)");
  }

  @Test
  void whatCannotWorkIsRefusedByName() {
    assertThatThrownBy(() -> SamplerSettings.from(with("unacknowledged = 0")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.sampler.unacknowledged: 0 (expected: >= 1)");
    assertThatThrownBy(() -> SamplerSettings.from(with("gap-alarm = 0")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("plaudit.sampler.gap-alarm: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> SamplerSettings.from(with("device = tpu")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("device: tpu (expected: cpu, gpu or gpu:N)");
    assertThatThrownBy(() -> SamplerSettings.from(with("threads = 0")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage("threads: 0 (expected: >= 1)");
  }

  private static Config with(String line) {
    return ConfigFactory.parseString("plaudit.sampler." + line).withFallback(DEFAULTS);
  }
}
