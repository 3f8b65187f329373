package plaudit.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plaudit.input.InvalidInputException;
import plaudit.model.Dtype;
import plaudit.model.ModelDirectory.Storage;

class OutputSettingsTest {

  @Test
  void theTunedModelsFormatAndLicenceAreSettings() {
    assertThat(settings("run.output.dtype=bf16", "run.output.licence=mit"))
        .isEqualTo(new OutputSettings(new Storage(Dtype.BF16, 5_000_000_000L, true), "mit"));
  }

  @ParameterizedTest
  @CsvSource({
    "run.output.dtype=int8, plaudit.run.output.dtype: int8 (expected: f32",
    "run.output.licence=\"a: b\", plaudit.run.output.licence: a: b (expected: an identifier"
  })
  void anythingElseIsRefused(String override, String message) {
    assertThatThrownBy(() -> settings(override))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(message);
  }

  private static OutputSettings settings(String... overrides) {
    return OutputSettings.from(RunConfig.defaults(List.of(overrides)).config());
  }
}
